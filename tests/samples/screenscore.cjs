// ScreenScore AI's sample, verbatim: https://screenscoreai.com/api-reference/webhooks
const crypto = require('crypto');

function verifyWebhookSignature(rawBody, signature, secret) {
  const expected = crypto
    .createHmac('sha256', secret)
    .update(rawBody)
    .digest('hex');

  // Use timingSafeEqual to prevent timing attacks
  const expectedBuffer = Buffer.from(expected, 'hex');
  const signatureBuffer = Buffer.from(signature, 'hex');

  if (expectedBuffer.length !== signatureBuffer.length) {
    return false;
  }

  return crypto.timingSafeEqual(expectedBuffer, signatureBuffer);
}

// Ours from here on: `verify SECRET SIGNATURE` or `sign SECRET`, the body on stdin.
const [mode, secret, signature] = process.argv.slice(2);
const body = require('fs').readFileSync(0);
if (mode === 'sign') {
  let expected;
  crypto.timingSafeEqual = (buffer) => ((expected = buffer.toString('hex')), true);
  verifyWebhookSignature(body, '0'.repeat(64), secret);
  console.log(expected);
} else {
  console.log(verifyWebhookSignature(body, signature, secret));
}
