//! Forms in parts: what common senders write, and what could be read in two ways.

use proptest::prelude::*;

use super::*;

const PART: &str = "Content-Disposition: form-data; name=\"json\"\r\n\r\n{}";

fn json(body: &str) -> Result<Option<&str>, Malformed> {
    field(body.as_bytes(), "json").map(|found| found.map(|content| std::str::from_utf8(content).unwrap()))
}

/// One part with these header lines.
fn with_head(head: &str) -> String {
    format!("--b\r\n{head}\r\n\r\n{{}}\r\n--b--\r\n")
}

#[test]
fn a_field_is_found_as_common_senders_write_it() {
    let head = "Content-Disposition: form-data; name=\"json\"";
    let other = "Content-Disposition: form-data; name=\"other\"\r\n\r\n\r\n\r\n- 1\r\n -- 2\r\n";
    for body in [
        with_head(head),
        // curl, Guzzle, urllib3, Apache HttpClient.
        format!(
            "--------------------------d74496d66958873e\r\n{PART}\r\n--------------------------d74496d66958873e--\r\n"
        ),
        with_head(&format!("{head}\r\nContent-Length: 2")),
        with_head(&format!("{head}; filename=\"a b.json\"\r\nContent-Type: application/json; charset=UTF-8")),
        with_head(&format!("{head}\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: 8bit\r\nX-Other: \u{e9}")),
        with_head("content-disposition:FORM-DATA;name=\"json\""),
        // No line behind the end; other parts on both sides.
        format!("--b\r\n{other}\r\n--b\r\n{PART}\r\n--b\r\n{other}\r\n--b--"),
    ] {
        assert_eq!(json(&body), Ok(Some("{}")), "{body}");
    }
    assert_eq!(json(&format!("--b\r\n{other}\r\n--b--")), Ok(None));
    let content = "\r\n{\r\n\"a\":\n[-1,\r\n-1]}\r\n";
    assert_eq!(json(&with_head(head).replace("{}", content)), Ok(Some(content)));
}

/// T23: two readers must not see two fields.
#[test]
fn t23_a_form_that_can_be_read_in_two_ways_is_malformed() {
    let whole = format!("--b\r\n{PART}\r\n--b--\r\n");
    let head = "Content-Disposition: form-data; name=\"json\"";
    let long = format!("{head}\r\nX-Other: {}", "x".repeat(LONGEST_HEAD));
    let forms = [
        // The field twice; before the first part, behind the last.
        whole.replacen("--b--", &format!("--b\r\n{PART}\r\n--b--"), 1),
        format!("x\r\n{whole}"),
        format!("\r\n{whole}"),
        format!("{whole}x"),
        format!("{whole}\r\n"),
        format!("{whole}{whole}"),
        // Lines of another boundary, or of what some readers take for one.
        whole.replace("{}", "\r\n--c\r\n"),
        whole.replace("{}", "\n--b\n"),
        whole.replace("{}", "\r--b\r"),
        whole.replace("{}", "\r\n--bc\r\n"),
        whole.replace("{}", "\r\n--b \r\n"),
        whole.replace("{}", "--b\r\n"),
        whole.replace("\r\n--b--", "\n--b--"),
        whole.replacen("--b\r\n", "--b\r\n--b\r\n", 1),
        // Boundaries.
        whole.replace("--b", "--"),
        whole.replace("--b", "--b--"),
        whole.replace("--b\r", "--b \r"),
        whole.replace("--b", "--b\u{e9}"),
        whole.replace("--b", &format!("--{}", "b".repeat(71))),
        whole.replace("\r\n", "\n"),
        // Not to its end.
        whole.replace("--b--\r\n", "--b\r\n"),
        whole.replace("--b--\r\n", "--b-"),
        whole.replace("\r\n--b--\r\n", ""),
        "--b\r\n--b--\r\n".to_owned(),
        "--b--\r\n".to_owned(),
        "--b".to_owned(),
        "--".to_owned(),
        String::new(),
        // Too much.
        format!(
            "--b\r\n{}{PART}\r\n--b--",
            "Content-Disposition: form-data; name=\"x\"\r\n\r\n\r\n--b\r\n".repeat(MOST_PARTS)
        ),
        with_head(&long),
    ];
    let heads = [
        "",
        "Content-Type: text/plain",
        "Content-Disposition: form-data",
        "Content-Disposition: attachment; name=\"json\"",
        "Content-Disposition: form-data; name=json",
        "Content-Disposition: form-data; name='json'",
        "Content-Disposition: form-data; name*=UTF-8''json",
        "Content-Disposition: form-data; name=\"x\"; name*=UTF-8''json",
        "Content-Disposition: form-data; name=\"x\"; name=\"json\"",
        "Content-Disposition: form-data; name=\"json\"; filename*=UTF-8''x",
        "Content-Disposition: form-data; filename=\"x\"; name=\"json\"",
        "Content-Disposition: form-data; name=\"js\\on\"",
        "Content-Disposition: form-data; name=\"js%6Fn\"",
        "Content-Disposition: form-data; name=\"json",
        "Content-Disposition: form-data; name=\"json\" x",
        "Content-Disposition: form-data; name=\"json\";",
        "Content-Disposition : form-data; name=\"json\"",
        "Content-Disposition: form-data;\r\n name=\"json\"",
        "Content-Disposition: form-data; name=\"json\"\nX: y",
        "Content-Disposition: form-data; name=\"json\"\rX: y",
        "Content-Disposition: form-data; name=\"js\0on\"",
        "X\r\nContent-Disposition: form-data; name=\"json\"",
        ": x\r\nContent-Disposition: form-data; name=\"json\"",
    ];
    let more = [
        head,
        "Content-Disposition: form-data; name=\"x\"",
        "Content-Type: multipart/mixed; boundary=c",
        "Content-Type: message/rfc822",
        "Content-Type: text/plain; charset=utf-16",
        "Content-Type: text/plain; charset=utf-8; charset=utf-7",
        "Content-Type: text/plain\r\nContent-Type: text/plain",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Length: 1",
        "Content-Length: 02",
    ];
    let of_more = more.iter().map(|line| with_head(&format!("{head}\r\n{line}")));
    for body in forms.into_iter().chain(heads.iter().map(|head| with_head(head))).chain(of_more) {
        assert_eq!(json(&body), Err(Malformed), "{body:?}");
    }
}

/// Each byte of a form, changed: the same field, another one, or none, but never two.
#[test]
fn t23_a_changed_form_has_no_other_content() {
    let whole = with_head("Content-Disposition: form-data; name=\"json\"\r\nContent-Type: application/json");
    for at in 0..whole.len() {
        for byte in 0..=u8::MAX {
            let mut changed = whole.clone().into_bytes();
            changed[at] = byte;
            let content = whole.find("{}").unwrap();
            if let Ok(Some(found)) = field(&changed, "json") {
                assert_eq!(found, &changed[content..content + 2], "{at} {byte}");
            }
        }
    }
    for end in 0..whole.len() - 2 {
        assert_eq!(json(&whole[..end]), Err(Malformed), "{end}");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body: Vec<u8>, pieces in prop::collection::vec("\r|\n|-|--b|\r\n--b|\r\n\r\n|Content-Disposition: form-data; name=\"json\"|[a-z;:\"]", 0..24)) {
        let _ = field(&body, "json");
        let _ = field(format!("--b\r\n{}", pieces.concat()).as_bytes(), "json");
        let _ = field(&[b"--", body.as_slice()].concat(), "json");
    }

    /// Any content without a line that begins with `--` comes back, byte for byte.
    #[test]
    fn any_content_is_found(boundary in "[0-9A-Za-z'()+_,./:=?-]{0,69}[0-9A-Za-z]", contents in prop::collection::vec(any::<Vec<u8>>(), 1..5)) {
        let mut body = Vec::new();
        for (number, content) in contents.iter().enumerate() {
            body.extend(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"f{number}\"\r\n\r\n").as_bytes());
            body.extend_from_slice(content);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{boundary}--").as_bytes());
        let has_dashes = |content: &Vec<u8>| next_dashes(content, 0).is_some();
        for (number, content) in contents.iter().enumerate() {
            let found = field(&body, &format!("f{number}"));
            if contents.iter().any(has_dashes) {
                prop_assert_eq!(found, Err(Malformed));
            } else {
                prop_assert_eq!(found, Ok(Some(content.as_slice())));
            }
        }
    }
}
