// GeoScored's sample for Node.js, verbatim: https://geoscored.ai/docs/webhooks
const crypto = require('crypto');

function verifyWebhook(payloadBuffer, signature, secret) {
  const expected = 'v1=' + crypto
    .createHmac('sha256', secret)
    .update(payloadBuffer)
    .digest('hex');
  return crypto.timingSafeEqual(
    Buffer.from(expected), Buffer.from(signature)
  );
}

// Ours from here on: `verify SECRET SIGNATURE` or `sign SECRET`, the body on stdin.
const [mode, secret, signature] = process.argv.slice(2);
const body = require('fs').readFileSync(0);
if (mode === 'sign') {
  let expected;
  crypto.timingSafeEqual = (buffer) => ((expected = buffer.toString()), true);
  verifyWebhook(body, '', secret);
  console.log(expected);
} else {
  console.log(verifyWebhook(body, signature, secret));
}
