#!/usr/bin/env bash
# Writes captured/ and written/ with other people's tools: openssl signs, Node and Python write JSON, and Node writes what PHP would.
# The secret is SECRET of support.rs.
set -euo pipefail
cd "$(dirname "$0")"
secret='Kq7vRw2-mN_4tZ8x'

# capture NAME SIGNATURE: a POST with written/node.json, as it goes over the wire
capture() {
    local body=written/node.json
    {
        printf 'POST /webhooks/zeodyn HTTP/1.1\r\nHost: localhost:3000\r\nContent-Type: application/json\r\n'
        printf 'Content-Length: %s\r\nX-Zeodyn-Signature: %s\r\n\r\n' "$(wc -c <"$body" | tr -d ' ')" "$2"
        cat "$body"
    } >"captured/$1.http"
}
digest() { cut -d' ' -f1; }

node -e '
const fs = require("fs"), json = JSON.parse(fs.readFileSync("source.json", "utf8"));
fs.writeFileSync("written/node.json", JSON.stringify(json));
fs.writeFileSync("written/node-indented-2.json", JSON.stringify(json, null, 2));
fs.writeFileSync("written/node-indented-tab.json", JSON.stringify(json, null, "\t"));
fs.writeFileSync("written/php.json", JSON.stringify(json).replace(/\//g, "\\/").replace(/[\u0080-\uffff]/g,
    unit => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0")));
'
python3 - <<'PYTHON'
import json
value = json.load(open("source.json", encoding="utf-8"))
def write(name, **options):
    open(f"written/{name}.json", "w", encoding="utf-8", newline="").write(json.dumps(value, **options))
write("python")
write("python-utf-8", ensure_ascii=False)
write("python-sorted", sort_keys=True)
PYTHON
capture genuine "$(openssl dgst -sha256 -hmac "$secret" -r written/node.json | digest)"
capture base64 "$(openssl dgst -sha256 -hmac "$secret" -binary written/node.json | openssl base64)"
