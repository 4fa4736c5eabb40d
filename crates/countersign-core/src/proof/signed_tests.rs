//! The pieces that the tables of `tests/schemes` do not see.

use std::time::SystemTime;

use super::*;
use crate::{
    proof::source::lines_of,
    provider::grammar::*,
    scheme::{Kind, Scheme},
    secret::Secret,
};

const LIST: Scheme = Scheme::signed(HmacSha256, member("x-signature", "=,", "v1"), Hex)
    .time(member("x-signature", "=,", "t"), Unit::Seconds)
    .over(&[Time, Text("."), Body]);

fn signed(scheme: &'static Scheme) -> &'static Signed {
    let Kind::Signed(signed) = &scheme.0 else { unreachable!() };
    signed
}

fn unverified<'a>(scheme: &'static Scheme, head: &'a KeptHead, window: &'a Window) -> Unverified<'a> {
    let mut unverified = Unverified::new(scheme, signed(scheme), head, window);
    unverified.read(&lines_of(head, scheme)).unwrap();
    unverified
}

fn secrets(current: &str, previous: &[&str]) -> Secrets {
    let secret = |text: &str| Secret::new(text).unwrap();
    previous.iter().fold(Secrets::new(secret(current)), |all, previous| all.add_previous(secret(previous)))
}

/// Every accepted key against every given signature, and the position of the secret is reported.
#[test]
fn every_key_is_tried_with_every_signature() {
    let proof = |secret: &str| {
        let draft = crate::provider::Draft::new(b"{}").at(SystemTime::UNIX_EPOCH);
        LIST.sign(secret.as_bytes(), draft).unwrap().value().to_owned()
    };
    let accepted = secrets("a", &["b", "c"]);
    let keys = SignedKeys::new(signed(&LIST), &accepted, None, "", false).unwrap();
    let keys = Arc::new(Prepared::new(keys, &accepted));
    let window = Window { now: SystemTime::UNIX_EPOCH, tolerance: None };
    let wrong = "0".repeat(64);
    for (given, expected) in [
        (vec![proof("a")], Some(0)),
        (vec![proof("c"), proof("b")], Some(1)),
        (vec![wrong.clone(), proof("c"), wrong.clone()], Some(2)),
        (vec![proof("d"), wrong.clone()], None),
        // What is not a signature is skipped.
        (vec!["x".to_owned(), String::new(), proof("b")], Some(1)),
        // Eight are tried.
        ([vec![wrong.clone(); 7], vec![proof("a")]].concat(), Some(0)),
        ([vec![wrong; 8], vec![proof("a")]].concat(), None),
    ] {
        let list = given.iter().map(|tag| format!(",v1={tag}")).collect::<String>();
        let mut head = KeptHead::new("POST", None);
        head.add("x-signature", format!("t=0{list},v0=y").as_bytes());
        let unverified = || unverified(&LIST, &head, &window);
        let position = |proven: Result<Proven, RejectionKind>| proven.ok().map(|proven| proven.matched.position());
        assert_eq!(position(unverified().verify(&keys, b"{}").map(|proven| proven.cloned())), expected);
        let mut running = unverified().begin(&keys);
        running.update(b"{");
        running.update(b"}");
        assert_eq!(position(running.finish(&mut Frames::default())), expected);
        assert_eq!(position(unverified().keep(&[]).verify_found(&accepted, true, None, b"{}")), expected);
        let unknown = unverified().keep(&[]).verify_found(&secrets("x", &[]), false, None, b"{}").err();
        assert_eq!(unknown, Some(RejectionKind::SecretNotFound));
    }
}

/// A proof under the stand-in for an unknown secret does not count.
#[test]
fn nobody_knows_the_stand_in() {
    const HEXED: Scheme = Scheme::signed(HmacSha512, header("x-signature"), Hex).key(Key::Hex).over(&[Body]);
    let proof = HEXED.sign("00".repeat(32).as_bytes(), b"{}").unwrap();
    let mut head = KeptHead::new("POST", None);
    head.add("x-signature", proof.value().as_bytes());
    let window = Window { now: SystemTime::UNIX_EPOCH, tolerance: None };
    let kept = unverified(&HEXED, &head, &window).keep(&[]);
    assert_eq!(kept.verify_found(&secrets("x", &[]), false, None, b"{}").err(), Some(RejectionKind::SecretNotFound));
    assert_eq!(kept.verify_found(&secrets("xyz", &[]), true, None, b"{}").err(), Some(RejectionKind::LookupFailed));
}

/// Whole, short pieces are gathered; in frames, they are not.
#[test]
fn a_signed_text_is_the_same_however_its_pieces_are_hashed() {
    const ID: Scheme = Scheme::signed(HmacSha256, header("x-signature"), Hex).id(header("x-id")).over(&[
        Text("<"),
        Id,
        Text(">"),
        Body,
        Text("</"),
        Id,
        Text(">"),
    ]);
    let accepted = secrets("a", &[]);
    let keys = SignedKeys::new(signed(&ID), &accepted, None, "", false).unwrap();
    let keys = Arc::new(Prepared::new(keys, &accepted));
    let window = Window { now: SystemTime::UNIX_EPOCH, tolerance: None };
    for length in [1, 60, 122, 125, 126, 127, 128, 129, 400] {
        let (id, body) = ("x".repeat(length), "y".repeat(length));
        let text = format!("<{id}>{body}</{id}>");
        let bare: Scheme = Scheme::signed(HmacSha256, header("x-signature"), Hex).over(&[Body]);
        let proof = bare.sign(b"a", &text).unwrap();
        let mut head = KeptHead::new("POST", None);
        head.add("x-signature", proof.value().as_bytes());
        head.add("x-id", id.as_bytes());
        let unverified = || unverified(&ID, &head, &window);
        assert!(unverified().verify(&keys, body.as_bytes()).is_ok(), "{length}");
        let mut running = unverified().begin(&keys);
        body.as_bytes().chunks(7).for_each(|frame| running.update(frame));
        assert!(running.finish(&mut Frames::default()).is_ok(), "{length}");
    }
}
