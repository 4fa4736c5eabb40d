#!/usr/bin/env bash
# Makes captured/ and written/ anew with tools of others: openssl signs, and Node, Python and Go write JSON, and Node what PHP would.
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
fs.writeFileSync("written/node-indented-4.json", JSON.stringify(json, null, 4));
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
write("python-indented-4", indent=4)
write("python-compact", separators=(",", ":"), ensure_ascii=False)
write("python-sorted", sort_keys=True)
PYTHON
go=$(mktemp -d)
cat >"$go/main.go" <<'GO'
package main

import (
	"encoding/json"
	"os"
)

func main() {
	source, _ := os.ReadFile("source.json")
	var value any
	_ = json.Unmarshal(source, &value)
	written, _ := json.Marshal(value)
	_, _ = os.Stdout.Write(written)
}
GO
go run "$go/main.go" >written/go.json
rm -r "$go"

capture genuine "$(openssl dgst -sha256 -hmac "$secret" -r written/node.json | digest)"
capture sha1 "$(openssl dgst -sha1 -hmac "$secret" -r written/node.json | digest)"
capture sha512 "$(openssl dgst -sha512 -hmac "$secret" -r written/node.json | digest)"
capture plain-sha256 "$(openssl dgst -sha256 -r written/node.json | digest)"
capture base64 "$(openssl dgst -sha256 -hmac "$secret" -binary written/node.json | openssl base64)"
