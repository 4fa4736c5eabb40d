// Zeodyn's sample, verbatim: https://zeodyn.com/docs/webhooks
const crypto = require('crypto');

function verifyWebhook(payload, signature, secret) {
  const expected = crypto
    .createHmac('sha256', secret)
    .update(JSON.stringify(payload))
    .digest('hex');

  return crypto.timingSafeEqual(
    Buffer.from(signature),
    Buffer.from(expected)
  );
}

// Ours from here on: `verify SECRET SIGNATURE` or `sign SECRET`, the body on stdin, parsed as `express.json()` does.
const [mode, secret, signature] = process.argv.slice(2);
const payload = JSON.parse(require('fs').readFileSync(0, 'utf8'));
if (mode === 'sign') {
  let expected;
  crypto.timingSafeEqual = (_, buffer) => ((expected = buffer.toString()), true);
  verifyWebhook(payload, '', secret);
  console.log(expected);
} else {
  console.log(verifyWebhook(payload, signature, secret));
}
