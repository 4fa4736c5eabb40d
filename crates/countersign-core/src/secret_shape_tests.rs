//! Which secrets look odd, and what is said of them.

use super::*;

fn shapes(secret: &str) -> Vec<Oddity> {
    oddities(secret.as_bytes()).collect()
}

#[test]
fn c19_a_secret_as_it_is_issued_is_not_odd() {
    for secret in [
        "zeodyn-s3cr3t",
        concat!("whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
        concat!("sk", "_live_4eC39HqLyjWDarjtT1zdp7dc"),
        // Base64 and its padding, hex, a UUID, and random characters.
        "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4eA==",
        "Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4eHg=",
        "6fac1363ef78c4a9874f9e9db1fe34b6b6638afcd874df1fa87f26bfa4010d8c",
        "0b46c75a-6c2b-4a8f-9d3a-3f2f4f2b9c11",
        "a name = a value, it seems",
        "8characters=yes",
        "$2b$12$C6UzMDM.H6dfI/f/IKcEeO",
        "p{ss}w[rd]<with>marks",
        "nullable-undefined",
        "yourself-and-others",
        "\u{e9}\u{e8}\u{20ac}\u{1f525}",
        "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA\n-----END PUBLIC KEY-----\n",
    ] {
        assert_eq!(shapes(secret), [], "{secret}");
    }
    assert!(oddities(&[0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8]).next().is_none(), "bytes are a secret, too");
    assert!(oddities(&vec![b'k'; 100_000]).next().is_none());
}

#[test]
fn c19_each_oddity_is_found() {
    use Oddity::{Brackets, Lines, Named, Padded, Placeholder, Quoted, Reference, Short};
    for (secret, expected) in [
        ("zeodyn-s3cr3t\n", &[Padded][..]),
        ("zeodyn-s3cr3t\r\n", &[Padded]),
        (" zeodyn-s3cr3t", &[Padded]),
        ("\u{feff}zeodyn-s3cr3t", &[Padded]),
        ("zeodyn-s3cr3t\u{200b}", &[Padded]),
        ("\u{a0}zeodyn-s3cr3t", &[Padded]),
        ("zeodyn-s3cr3t\0", &[Padded]),
        ("\"zeodyn-s3cr3t\"", &[Quoted]),
        ("'zeodyn-s3cr3t'", &[Quoted]),
        ("`zeodyn-s3cr3t`", &[Quoted]),
        ("ZEODYN_WEBHOOK_SECRET=zeodyn-s3cr3t", &[Named]),
        ("export SECRET=zeodyn-s3cr3t", &[Named]),
        ("ZEODYN_WEBHOOK_SECRET=\"zeodyn-s3cr3t\"\n", &[Padded, Quoted, Named]),
        ("'SECRET=zeodyn-s3cr3t'", &[Quoted, Named]),
        ("zeodyn-s3cr3t\nanother-s3cr3t", &[Lines]),
        (r#"{"secret":"zeodyn-s3cr3t"}"#, &[Brackets]),
        (r#"["zeodyn-s3cr3t"]"#, &[Brackets]),
        ("[zeodyn-s3cr3t, another]", &[Brackets]),
        ("undefined", &[Placeholder]),
        ("insert-secret-here", &[Placeholder]),
        ("/run/secrets/zeodyn", &[Reference]),
        ("op://vault/zeodyn/secret", &[Reference]),
        ("ENC[AES256_GCM,data]", &[Reference]),
        (r"zeodyn-s3cr3t\n", &[Padded]),
        ("\u{201c}zeodyn-s3cr3t\u{201d}", &[Quoted]),
        ("\"undefined\"", &[Quoted, Placeholder]),
        ("${ZEODYN_WEBHOOK_SECRET}", &[Placeholder]),
        ("${ZEODYN_WEBHOOK_SECRET:-none}", &[Placeholder]),
        ("$ZEODYN_WEBHOOK_SECRET", &[Placeholder]),
        ("%ZEODYN_WEBHOOK_SECRET%", &[Placeholder]),
        ("{{ zeodyn.secret }}", &[Placeholder]),
        ("<your secret>", &[Placeholder]),
        ("<secret here>", &[Placeholder]),
        ("[redacted]", &[Placeholder]),
        ("change-me", &[Placeholder]),
        ("CHANGE_ME", &[Placeholder]),
        ("your-webhook-secret", &[Placeholder]),
        ("YOUR_SECRET_HERE", &[Placeholder]),
        ("xxxxxxxxxxxxxxxx", &[Placeholder]),
        ("****************", &[Placeholder]),
        ("SECRET=undefined", &[Named, Placeholder]),
        ("null", &[Placeholder, Short]),
        ("None", &[Placeholder, Short]),
        ("xxx", &[Placeholder, Short]),
        ("s3cr3t", &[Short]),
        ("   ", &[Padded, Short]),
        ("\"\"", &[Quoted, Short]),
        ("\"", &[Short]),
        ("=", &[Short]),
    ] {
        assert_eq!(shapes(secret), expected, "{secret:?}");
    }
}

#[test]
fn whatever_a_secret_is_its_inside_is_a_part_of_it() {
    for secret in
        ["", "\"", "''", "a=", "=a", "export ", "export A=b", "\u{feff}", "\n\n", "\"A='b'\"", "$", "${", "<>"]
    {
        let bytes = secret.as_bytes();
        for inner in [Some(trimmed(bytes)), unquoted(bytes), without_name(bytes)].into_iter().flatten() {
            assert!(secret.contains(std::str::from_utf8(inner).unwrap()));
        }
        let _ = shapes(secret);
    }
}
