//! What a store keeps of an encrypted delivery.

use bytes::Bytes;

use super::tests::*;
use super::*;
use crate::{
    Trust,
    error::SealErrorKind,
    event::ProviderEvent,
    providers::{GitHub, Zeodyn},
    seal::SealedColumns,
};

const NEXT: &str = "the key of the next year";
const BODY: &str = r#"{"event":"scan_complete","scanId":"scan_7","score":3}"#;

fn encrypted<P: Provider>(delivery: &Delivery<P>) -> SealedColumns {
    encrypted_with_key(delivery, *delivery.key("", "").unwrap().as_bytes())
}

fn encrypted_with_key<P: Provider>(delivery: &Delivery<P>, key: [u8; 32]) -> SealedColumns {
    delivery.seal(&keys(KEY).encrypting(), key.into(), now()).unwrap().into_columns()
}

#[test]
fn an_encrypted_delivery_comes_back_as_it_was() {
    fn test<P: Provider>(delivery: &Delivery<P>) {
        let columns = encrypted(delivery);
        // To open it, it need not be said again that it is encrypted.
        for keys in [keys(KEY), keys(KEY).encrypting(), keys(NEXT).add_previous(secret(KEY)).unwrap()] {
            let opened = Sealed::from(columns.clone()).open::<P>(&keys).unwrap();
            assert_eq!(seen(&opened), seen(delivery));
        }
    }
    test(&delivery::<Zeodyn>(secrets(), BODY, &[]));
    test(&delivery::<GitHub>(secrets(), r#"{"action":"opened"}"#, &[("x-github-event", "issues")]));
    // What was sealed before can still be opened.
    let plain = sealed(&delivery::<Zeodyn>(secrets(), BODY, &[]));
    assert_eq!(kind::<Zeodyn>(&plain, &keys(KEY).encrypting()), None);
}

#[test]
fn a_confirmed_event_is_encrypted_too() {
    let (verified, _) = delivery::<Zeodyn>(secrets(), BODY, &[]).into_parts();
    let event = <Zeodyn as Provider>::Event::decode(br#"{"event":"scan_complete","scanId":"scan_8"}"#).unwrap();
    let delivery = Delivery::confirmed(verified, event);
    let columns = encrypted(&delivery);
    assert!(!says(columns.confirmed.as_deref().unwrap(), "scan_"));
    assert_eq!(seen(&Sealed::from(columns.clone()).open::<Zeodyn>(&keys(KEY)).unwrap()), seen(&delivery));
    for confirmed in [None, columns.body.clone(), Some(Bytes::from_static(b"{}"))] {
        let changed = SealedColumns { confirmed, ..columns.clone() };
        assert_eq!(kind::<Zeodyn>(&changed, &keys(KEY)), Some(SealErrorKind::Forged));
    }
}

fn says(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn a_store_learns_no_id_no_label_and_nothing_of_a_body() {
    let columns = encrypted(&delivery::<Zeodyn>(secrets(), BODY, &[]));
    let all = [
        columns.body.as_deref().unwrap_or_default(),
        &columns.meta,
        columns.resource.as_deref().unwrap_or_default().as_bytes(),
        &columns.seal,
    ]
    .concat();
    // "scan_7" is the ID, and "old" the label.
    for text in ["scan", "score", "old", "signed"] {
        assert!(!says(&all, text), "{text}");
    }
    // A digest would say whether a body is the one that somebody guesses.
    use sha2::Digest;
    assert!(!says(&columns.meta, &hex::encode(sha2::Sha256::digest(BODY))));
    assert_eq!((columns.provider.as_str(), columns.event.as_str()), ("zeodyn", "scan_complete"));
    assert_eq!(columns.tenant.as_deref(), Some("acme"));
    // Two equal deliveries differ, but their resource is the same.
    let again = encrypted(&delivery::<Zeodyn>(secrets(), BODY, &[]));
    assert_ne!((&columns.body, &columns.meta), (&again.body, &again.meta));
    assert_eq!(columns.resource, again.resource);
    assert!(!Sealed::from(columns).has_other_body(&Sealed::from(again)));
}

#[test]
fn a_resource_is_found_by_its_id() {
    let delivery = delivery::<Zeodyn>(secrets(), BODY, &[]);
    let keys = keys(NEXT).add_previous(secret(KEY)).unwrap();
    let found = keys.resources("scan_7");
    assert_eq!(found.len(), 3);
    for columns in [sealed(&delivery), encrypted(&delivery)] {
        assert!(found.contains(&columns.resource.unwrap()));
    }
    let contents = Sealed::from(encrypted(&delivery)).contents(&keys).unwrap();
    assert_eq!((contents.body, contents.resource.as_deref()), (Bytes::from(BODY), Some("scan_7")));
    assert_eq!(contents.trust, Trust::Signed);
}

#[test]
fn i4_a_changed_column_decrypts_nothing() {
    let columns = encrypted(&delivery::<Zeodyn>(secrets(), BODY, &[]));
    let body = columns.body.clone().unwrap();
    for bit in 0..body.len() * 8 {
        let mut changed = body.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        let changed = SealedColumns { body: Some(changed.into()), ..columns.clone() };
        assert_eq!(kind::<Zeodyn>(&changed, &keys(KEY)), Some(SealErrorKind::Forged), "{bit}");
    }
    for body in [Bytes::new(), body.slice(..23), body.slice(..body.len() - 1), Bytes::from_static(BODY.as_bytes())] {
        let changed = SealedColumns { body: Some(body), ..columns.clone() };
        assert_eq!(kind::<Zeodyn>(&changed, &keys(KEY)), Some(SealErrorKind::Forged));
    }
    // The body of another row, which the same key has encrypted.
    let other = encrypted(&delivery::<Zeodyn>(secrets(), r#"{"event":"scan_complete","scanId":"8"}"#, &[]));
    let moved = SealedColumns { body: other.body, ..columns.clone() };
    assert_eq!(kind::<Zeodyn>(&moved, &keys(KEY)), Some(SealErrorKind::Forged));
    let purged = SealedColumns { body: None, ..columns.clone() };
    assert_eq!(kind::<Zeodyn>(&purged, &keys(KEY)), Some(SealErrorKind::Purged));
    assert_eq!(kind::<Zeodyn>(&columns, &keys("the key of another service")), Some(SealErrorKind::UnknownKey));
}

#[test]
fn bodies_of_different_keys_are_not_compared() {
    let of = |keys: SealKeys, body| {
        let delivery = delivery::<Zeodyn>(secrets(), body, &[]);
        delivery.seal(&keys, [7; 32].into(), now()).unwrap()
    };
    let other = r#"{"event":"scan_complete","scanId":"8"}"#;
    let one = of(keys(KEY).encrypting(), BODY);
    assert!(one.has_other_body(&of(keys(KEY).encrypting(), other)));
    assert!(!one.has_other_body(&of(keys(NEXT).encrypting(), other)));
    assert!(!one.has_other_body(&of(keys(KEY), other)));
}

/// The columns were encrypted and sealed by Python, with `hmac`, `cryptography`'s ChaCha20-Poly1305, and a
/// HChaCha20 that gives the draft's test vector.
#[test]
fn it_opens_what_others_have_encrypted() {
    let encrypted = concat!(
        "18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2fefa79927f57a5e34b4d41059c16b4ee832aa145aec",
        "b4ec31857ffebfe408b0663e7262983d024d78abcef847c2d6adbd9e473ae5264f4660a79a19feef6acc831422",
        "0a6d4bccef184b55dc7f272ec50114b9d5e5a8c841e40d7e0874e8f747e4f4842481c1bee855e0e95f4099ce2d",
        "edccf8d8ecdbe9c988bd4e484b4cc5bc",
    );
    let body = concat!(
        "000102030405060708090a0b0c0d0e0f1011121314151617a928fdf1b07e7f913f6edf7e7d31dc680b7104f08a",
        "bc238f5f406191aa7a1fab1b972613d9a2010b77e9605c1996da36df2788e2c04eb759b675de89f2e22215cb35",
        "8f66fe",
    );
    let digest = "6533240c:6017f0f9f3d395629b2a5d0b11c6bf1fbc5412ebb98f259028b8e140f6002918";
    let columns = SealedColumns {
        key: [7; 32].into(),
        provider: "zeodyn".to_owned(),
        tenant: Some("acme".to_owned()),
        event: "scan_complete".to_owned(),
        resource: Some("hmac:67c795be465be54a29ea6f38439f2b4a".to_owned()),
        received_at: milliseconds(now()),
        body: Some(hex::decode(body).unwrap().into()),
        confirmed: None,
        meta: format!(r#"{{"version":1,"body":"{digest}","encrypted":"{encrypted}"}}"#).into(),
        seal: hex::decode("6533240c5782a33b038ad851e306c307bc90e9b269f68f3d02b9d1fbc42f51afaa9cce26").unwrap().into(),
    };
    let opened = Sealed::from(columns.clone()).open::<Zeodyn>(&keys(KEY)).unwrap();
    assert_eq!(seen(&opened), seen(&delivery::<Zeodyn>(secrets(), BODY, &[])));
    // What is not random is the same.
    let own = encrypted_with_key(&delivery::<Zeodyn>(secrets(), BODY, &[]), [7; 32]);
    assert_eq!(own.resource, columns.resource);
    assert!(says(&own.meta, digest));
}
