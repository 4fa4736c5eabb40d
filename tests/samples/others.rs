//! openssl and Python's `hmac`, which know nothing of webhooks: the test kit signs as they do.

use std::process::Command;

use countersign::providers::Zeodyn;
use countersign_testkit::{Payload, sign};
use libtest_mimic::{Failed, Trial};

use crate::sample::{is_installed, pipe};

const SCRIPT: &str = "import hmac, sys; key = bytes.fromhex(sys.argv[1]); \
                      print(hmac.new(key, sys.stdin.buffer.read(), 'sha256').hexdigest())";

/// What makes a tag of a body under a key.
type Signer = fn(&[u8], &[u8]) -> String;

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |program: &'static str, name: &str, keys: Vec<Vec<u8>>, signer: Signer| {
        Trial::test(format!("{program}::{name}"), move || {
            for key in &keys {
                for body in bodies() {
                    signs_alike(key, &body, &signer(key, &body));
                }
            }
            Ok::<(), Failed>(())
        })
        .with_kind(program)
        .with_ignored_flag(!is_installed(program))
    };
    // openssl takes no empty key, and as text none with a NUL.
    let texts: Vec<_> =
        keys().into_iter().filter(|key| std::str::from_utf8(key).is_ok() && !key.contains(&0)).collect();
    let with_empty = keys().into_iter().chain([Vec::new()]).collect();
    vec![
        trial("openssl", "signs_with_a_text_as_the_kit_does", texts, openssl_with_text),
        trial("openssl", "signs_with_any_bytes_as_the_kit_does", keys(), openssl_with_bytes),
        trial("python3", "signs_with_any_bytes_as_the_kit_does", with_empty, python),
    ]
}

fn keys() -> Vec<Vec<u8>> {
    [
        &b"s3cr3t"[..],
        b"line\n",
        concat!("whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").as_bytes(),
        "\u{e9}\u{1f511} &=%+".as_bytes(),
        &[b'k'; 64],
        &[b'k'; 65],
        b"\0\xff\n",
    ]
    .map(<[u8]>::to_vec)
    .to_vec()
}

fn bodies() -> Vec<Vec<u8>> {
    let mut mebibyte = vec![0_u8; 1024 * 1024];
    mebibyte.iter_mut().zip((0..=250).cycle()).for_each(|(byte, value)| *byte = value);
    [&b""[..], b"x", b"\xff\xfe\x80", b"a\0b\0\n\r\n\n", b"{\"event\":\"e\"}\n", &mebibyte].map(<[u8]>::to_vec).to_vec()
}

fn openssl_with_text(key: &[u8], body: &[u8]) -> String {
    openssl(&["-hmac", std::str::from_utf8(key).expect("UTF-8")], body)
}

fn openssl_with_bytes(key: &[u8], body: &[u8]) -> String {
    openssl(&["-mac", "HMAC", "-macopt", &format!("hexkey:{}", hex::encode(key))], body)
}

fn openssl(arguments: &[&str], body: &[u8]) -> String {
    let mut command = Command::new("openssl");
    let printed = pipe(command.args(["dgst", "-sha256", "-r"]).args(arguments), body).expect("a tag");
    printed.split(' ').next().expect("a tag").to_owned()
}

fn python(key: &[u8], body: &[u8]) -> String {
    pipe(Command::new("python3").args(["-c", SCRIPT, &hex::encode(key)]), body).expect("a tag")
}

fn signs_alike(key: &[u8], body: &[u8], tag: &str) {
    assert_eq!(tag.len(), 64);
    let proof = sign::<Zeodyn>(key, body);
    assert_eq!(proof.headers().collect::<Vec<_>>(), [("x-zeodyn-signature", tag)], "{} bytes, {key:?}", body.len());
    let request = Payload::<Zeodyn>::new(body.to_vec()).signed_with(key);
    assert_eq!(request.headers()["x-zeodyn-signature"], tag);
}
