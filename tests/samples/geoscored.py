# GeoScored's sample for Python, verbatim: https://geoscored.ai/docs/webhooks
import hmac
import hashlib

def verify_webhook(payload_bytes: bytes, signature: str, secret: str) -> bool:
    expected = "v1=" + hmac.new(
        secret.encode(), payload_bytes, hashlib.sha256
    ).hexdigest()
    return hmac.compare_digest(expected, signature)

# Ours from here on: `verify SECRET SIGNATURE` or `sign SECRET`, the body on stdin.
import sys

mode, secret, *signature = sys.argv[1:]
body = sys.stdin.buffer.read()
if mode == "sign":
    hmac.compare_digest = lambda expected, _: print(expected)
    verify_webhook(body, "", secret)
else:
    print(str(verify_webhook(body, signature[0], secret)).lower())
