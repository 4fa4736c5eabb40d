// ScreenshotCenter's sample, verbatim but for its types: https://screenshotcenter.com/apps/webhooks
import crypto from 'crypto';

function verifyWebhook(payload, signature, secret) {
  const expected = 'sha256=' + crypto
    .createHmac('sha256', secret)
    .update(payload)
    .digest('hex');

  return crypto.timingSafeEqual(
    Buffer.from(expected),
    Buffer.from(signature),
  );
}

// Ours from here on: `verify SECRET SIGNATURE` or `sign SECRET`, the body on stdin. `handle SECRET SIGNATURE` is what
// the sample's Express handler does with it, behind `express.json()`.
import { readFileSync } from 'fs';
const [mode, secret, signature] = process.argv.slice(2);
const body = readFileSync(0, 'utf8');
if (mode === 'sign') {
  let expected;
  crypto.timingSafeEqual = (buffer) => ((expected = buffer.toString()), true);
  verifyWebhook(body, '', secret);
  console.log(expected);
} else if (mode === 'handle') {
  const req = { body: JSON.parse(body) };
  const raw = JSON.stringify(req.body);
  console.log(verifyWebhook(raw, signature, secret));
} else {
  console.log(verifyWebhook(body, signature, secret));
}
