//! Forms in parts, as other readers see them: of a form that countersign accepts, no reader has another field, whatever
//! boundary the `Content-Type` names.

use std::process::Command;

use countersign::{
    AnyEvent, Verifier,
    provider::{Place, Provider, Scheme, grammar::*},
};
use libtest_mimic::{Failed, Trial};
use serde_json::value::RawValue;

use crate::sample::{is_installed, pipe};

/// Accepts any body, so that nothing but the form decides.
enum Forms {}

impl Provider for Forms {
    type Event = AnyEvent;
    const NAME: &'static str = "forms";
    const TITLE: &'static str = "Forms";
    const DOCS: &'static str = "https://example.com/docs";
    const SCHEME: Scheme = Scheme::token(header("x-token"));
    const EVENT: Option<Place> = Some(json_in_form("json", "a"));
}

/// Each line is a boundary and a form in hex. Prints the values of the field `json`, in hex.
const PYTHON: &str = r#"
import email, email.utils, sys
for line in sys.stdin.read().splitlines():
    boundary, form = (bytes.fromhex(text) for text in line.split())
    head = b'Content-Type: multipart/form-data; boundary="' + boundary + b'"\r\n\r\n'
    found = []
    for part in email.message_from_bytes(head + form).walk():
        name = part.get_param("name", header="content-disposition")
        if name is not None and email.utils.collapse_rfc2231_value(name) == "json":
            found.append((part.get_payload(decode=True) or b"").hex())
    print("found:" + ",".join(found))
"#;

const NODE: &str = r#"
const lines = require("fs").readFileSync(0, "utf8").trim().split("\n");
(async () => {
  for (const line of lines) {
    const [boundary, form] = line.split(" ").map((text) => Buffer.from(text, "hex"));
    const headers = { "content-type": `multipart/form-data; boundary="${boundary}"` };
    let found = [];
    try {
      const values = (await new Response(form, { headers }).formData()).getAll("json");
      found = await Promise.all(values.map(async (value) => typeof value === "string" ? value : await value.text()));
    } catch {}
    console.log("found:" + found.map((value) => Buffer.from(value).toString("hex")).join(","));
  }
})();
"#;

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |program: &'static str, flag: &'static str, script: &'static str| {
        Trial::test(format!("{program}::t23_reads_no_other_field_of_a_form_that_we_accept"), move || {
            agrees(Command::new(program).args([flag, script]));
            Ok::<(), Failed>(())
        })
        .with_kind(program)
        .with_ignored_flag(!is_installed(program))
    };
    vec![trial("python3", "-c", PYTHON), trial("node", "-e", NODE)]
}

/// What we read.
fn ours(form: &[u8]) -> Option<String> {
    let head = http::Request::post("/").header("x-token", "t").body(()).expect("a request");
    let delivery = Verifier::<Forms>::new("t").verify(&head, form.to_vec()).expect("its token is right");
    delivery.json::<Box<RawValue>>().ok().map(|json| json.get().to_owned())
}

fn agrees(reader: &mut Command) {
    let mut lines = String::new();
    let mut accepted = Vec::new();
    for form in forms() {
        let Some(json) = ours(&form) else { continue };
        let first = form[2..].split(|&byte| byte == b'\r').next().expect("a line").to_vec();
        for boundary in [first.as_slice(), b"c", b"B1"] {
            lines.push_str(&format!("{} {}\n", hex::encode(boundary), hex::encode(&form)));
            accepted.push((form.clone(), json.clone(), boundary == first));
        }
    }
    let printed = pipe(reader, lines.as_bytes()).expect("a reading");
    // Blanks around JSON are a part of the field.
    let bytes = |value: &str| String::from_utf8(hex::decode(value).expect("hex")).expect("UTF-8").trim().to_owned();
    let (mut agreed, mut count) = (0, 0);
    for ((form, json, is_own), found) in accepted.iter().zip(printed.split('\n')) {
        count += 1;
        let text = String::from_utf8_lossy(form);
        let found = found.strip_prefix("found:").expect("a reading");
        let found: Vec<_> = found.split(',').filter(|value| !value.is_empty()).map(bytes).collect();
        assert!(found.is_empty() || found == [json.as_str()], "{json:?} and {found:?} in {text:?}");
        agreed += usize::from(*is_own && !found.is_empty());
    }
    // Few forms are accepted by us and not read by the others.
    assert!(count > 300 && agreed * 100 > count / 3 * 90, "{agreed} of {}", count / 3);
}

/// Forms with something more or less at any place.
fn forms() -> Vec<Vec<u8>> {
    const PART: &str = "Content-Disposition: form-data; name=\"json\"\r\n\r\n{\"a\":1}\r\n";
    let other =
        "--B1\r\nContent-Disposition: form-data; name=\"x\"; filename=\"y\"\r\nContent-Type: text/plain\r\n\r\nz\r\n";
    let seeds = [
        format!("--B1\r\n{PART}--B1--\r\n"),
        format!("--B1\r\nContent-Type: application/json\r\n{PART}--B1--"),
        format!("{other}--B1\r\n{PART}{other}--B1--\r\n"),
    ];
    let second = PART.replace('1', "2");
    let of = |boundary: &str| format!("\r\n--{boundary}\r\n{second}--{boundary}--\r\n");
    let with = |end: &str| format!("{end}--B1\r\n{second}--B1--{end}");
    let mut more =
        vec![of("B1"), of("c"), of("B1c"), with("\n"), with("\r"), format!("\r\n\r\n{second}"), second.clone()];
    let short = [
        "\r\n",
        "\n",
        "\r",
        "\r\n\r\n",
        "--",
        "--B1",
        "\r\n--B1",
        "\r\n--B1--",
        "\r\n--c",
        " ",
        "\t",
        "\"",
        "\\",
        ";",
        ":",
        "=",
        "%6F",
        "\0",
        "x",
        "; name=\"json\"",
        "; name=json",
        "; name*=UTF-8''json",
        "Content-Length: 1\r\n",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Type: multipart/mixed; boundary=c\r\n",
    ];
    more.extend(short.map(str::to_owned));
    let mut forms = Vec::new();
    for seed in seeds {
        let seed = seed.into_bytes();
        for at in 0..=seed.len() {
            let (start, rest) = seed.split_at(at);
            forms.extend(more.iter().map(|more| [start, more.as_bytes(), rest].concat()));
            forms.push([start, rest.get(1..).unwrap_or_default()].concat());
            forms.push([start, rest.get(2..).unwrap_or_default()].concat());
        }
        forms.push(seed);
    }
    forms
}
