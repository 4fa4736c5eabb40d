//! What comes out of a store is what was verified, or an error.

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;

use super::*;
use crate::{
    AnyEvent, Secret, Secrets, Verifier,
    error::SealErrorKind,
    event::ProviderEvent,
    provider::{Draft, Place, Scheme, grammar::*},
    providers::{GitHub, Svix, Zeodyn},
};

const NOW: u64 = 1_614_265_330;

pub(super) fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}

pub(super) fn keys(key: &'static str) -> SealKeys {
    SealKeys::new(secret(key)).unwrap()
}

pub(super) fn secret(key: &'static str) -> Secret {
    Secret::from_static(key)
}

pub(super) const KEY: &str = "the key of an inbox";

/// A delivery that was signed and verified.
pub(super) fn delivery<P: Provider>(secrets: impl Into<Secrets>, body: &str, headers: &[(&str, &str)]) -> Delivery<P> {
    let proof = P::SCHEME.sign(b"s3cr3t", Draft::new(body).at(now())).unwrap();
    let query = proof.query().map(|query| format!("/?{query}")).unwrap_or_else(|| "/".to_owned());
    let mut head = http::Request::post(query);
    for (name, value) in proof.headers().chain(headers.iter().copied()) {
        head = head.header(name, value);
    }
    let verifier = Verifier::<P>::new(secrets.into()).with_clock(crate::Clock::manual(now()));
    verifier.verify(&head.body(()).unwrap(), body.to_owned()).unwrap()
}

pub(super) fn secrets() -> Secrets {
    Secrets::new(Secret::from_static("the new one"))
        .add_previous(Secret::from_static("s3cr3t").with_label("old"))
        .with_tenant("acme")
}

pub(super) fn sealed<P: Provider>(delivery: &Delivery<P>) -> SealedColumns {
    delivery.seal(&keys(KEY), delivery.key("", "").unwrap_or([7; 32].into()), now()).unwrap().into_columns()
}

pub(super) fn kind<P: Provider>(columns: &SealedColumns, keys: &SealKeys) -> Option<SealErrorKind> {
    Sealed::from(columns.clone()).open::<P>(keys).err().map(|error| error.kind())
}

/// Everything that a handler can see.
pub(super) fn seen<P: Provider>(delivery: &Delivery<P>) -> String {
    let matched = delivery.matched_secret();
    format!(
        "{} {:?} {:?} {:?} {:?} {:?} {:?} {} {:?} {:?} {:?}",
        delivery.event_name(),
        delivery.delivery_id(),
        delivery.resource_id(),
        delivery.body(),
        delivery.trust(),
        delivery.sent_at(),
        matched.position(),
        matched.is_current(),
        matched.label(),
        delivery.tenant(),
        delivery.event().to_body().unwrap(),
    )
}

/// A scheme whose body is signed as a sorted form, with the name in a field.
enum Sorted {}

impl Provider for Sorted {
    type Event = AnyEvent;
    const NAME: &'static str = "sorted";
    const TITLE: &'static str = "Sorted";
    const DOCS: &'static str = "https://example.com";
    const SCHEME: Scheme = Scheme::signed(HmacSha256, header("x-sorted"), Hex).over(&[SortedForm]);
    const EVENT: Option<Place> = Some(form("type"));
}

#[test]
fn a_delivery_comes_back_as_it_was() {
    fn test<P: Provider>(delivery: &Delivery<P>) {
        let columns = sealed(delivery);
        let opened = Sealed::from(columns).open::<P>(&keys(KEY)).unwrap();
        assert_eq!(seen(&opened), seen(delivery));
        assert_eq!(opened.key("", ""), None, "the account is not known any more");
    }
    test(&delivery::<Zeodyn>(secrets(), r#"{"event":"scan_complete","scanId":"7","score":3}"#, &[]));
    test(&delivery::<Zeodyn>(secrets(), r#"{"event":"another","scanId":7}"#, &[]));
    test(&delivery::<GitHub>(secrets(), r#"{"action":"opened"}"#, &[("x-github-event", "issues")]));
    test(&delivery::<Sorted>(secrets(), "type=a&b=c", &[]));
    // The ID is in a header, and of one scheme of a list.
    let svix = Secrets::new(Secret::new(concat!("whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).unwrap());
    let proof = Svix::SCHEME.sign(
        concat!("whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").as_bytes(),
        Draft::new(r#"{"type":"a"}"#).at(now()).with_id("msg_1"),
    );
    let proof = proof.unwrap();
    let mut head = http::Request::post("/");
    for (name, value) in proof.headers() {
        // The other family of names.
        head = head.header(name.replace("svix-", "webhook-"), value);
    }
    let verifier = Verifier::<Svix>::new(svix).with_clock(crate::Clock::manual(now()));
    let delivery = verifier.verify(&head.body(()).unwrap(), r#"{"type":"a"}"#).unwrap();
    assert_eq!(delivery.delivery_id().unwrap().to_string(), "a/msg_1");
    test(&delivery);
}

#[test]
fn a_confirmed_event_comes_back_instead_of_the_body() {
    let body = r#"{"event":"scan_complete","scanId":"7","score":3}"#;
    let (verified, _) = delivery::<Zeodyn>(secrets(), body, &[]).into_parts();
    let event = <Zeodyn as Provider>::Event::decode(br#"{"event":"scan_complete","scanId":"7","score":99}"#).unwrap();
    let delivery = Delivery::confirmed(verified, event);
    let columns = sealed(&delivery);
    assert_eq!(seen(&Sealed::from(columns.clone()).open::<Zeodyn>(&keys(KEY)).unwrap()), seen(&delivery));
    // One without types has what its head said, too.
    let (verified, event) =
        self::delivery::<GitHub>(secrets(), r#"{"action":"opened"}"#, &[("x-github-event", "issues")]).into_parts();
    let untyped = Delivery::confirmed(verified, event);
    let opened = Sealed::from(sealed(&untyped)).open::<GitHub>(&keys(KEY)).unwrap();
    assert_eq!((opened.event_name(), seen(&opened)), ("issues", seen(&untyped)));
    // The body must not take its place.
    assert_eq!(
        kind::<Zeodyn>(&SealedColumns { confirmed: None, ..columns.clone() }, &keys(KEY)),
        Some(SealErrorKind::Forged)
    );
    let other = Some(Bytes::from_static(b"{}"));
    assert_eq!(kind::<Zeodyn>(&SealedColumns { confirmed: other, ..columns }, &keys(KEY)), Some(SealErrorKind::Forged));
}

#[test]
fn i4_a_changed_column_opens_nothing() {
    type Change = fn(&mut SealedColumns);

    let columns = sealed(&delivery::<Zeodyn>(secrets(), r#"{"event":"scan_complete","scanId":"7"}"#, &[]));
    let is_right = kind::<Zeodyn>(&columns, &keys(KEY));
    assert_eq!(is_right, None);
    let changed: &[(&str, Change)] = &[
        ("key", |columns| columns.key = [0; 32].into()),
        ("provider", |columns| columns.provider = "github".to_owned()),
        ("tenant", |columns| columns.tenant = None),
        ("tenant", |columns| columns.tenant = Some("other".to_owned())),
        ("event", |columns| columns.event.push('x')),
        ("resource", |columns| columns.resource = None),
        ("resource", |columns| columns.resource = Some("8".to_owned())),
        ("between two", |columns| {
            columns.resource = Some("e7".to_owned());
            columns.event.pop();
        }),
        ("received_at", |columns| columns.received_at += 1),
        ("body", |columns| columns.body = Some(Bytes::from_static(br#"{"event":"scan_complete","scanId":"8"}"#))),
        ("body", |columns| columns.body = Some(Bytes::new())),
        ("confirmed", |columns| columns.confirmed = columns.body.clone()),
        ("meta", |columns| {
            let meta = String::from_utf8(columns.meta.to_vec()).unwrap().replace("signed", "unbound");
            columns.meta = meta.into();
        }),
        ("seal", |columns| columns.seal = columns.seal.slice(..columns.seal.len() - 1)),
        ("seal", |columns| columns.seal = [&columns.seal[..], &[0]].concat().into()),
        ("seal", |columns| columns.seal = Bytes::new()),
        ("seal", |columns| columns.seal = columns.seal.slice(..4)),
    ];
    for (column, change) in changed {
        let mut other = columns.clone();
        change(&mut other);
        assert!(other != columns, "{column}");
        assert_eq!(kind::<Zeodyn>(&other, &keys(KEY)), Some(SealErrorKind::Forged), "{column}");
    }
    for bit in 0..columns.seal.len() * 8 {
        let mut seal = columns.seal.to_vec();
        seal[bit / 8] ^= 1 << (bit % 8);
        let expected = if bit < 32 { SealErrorKind::UnknownKey } else { SealErrorKind::Forged };
        let other = SealedColumns { seal: seal.into(), ..columns.clone() };
        assert_eq!(kind::<Zeodyn>(&other, &keys(KEY)), Some(expected), "{bit}");
    }
}

#[test]
fn keys_are_rotated_and_namespaces_kept_apart() {
    let columns = sealed(&delivery::<Zeodyn>(secrets(), r#"{"event":"scan_complete","scanId":"7"}"#, &[]));
    let rotated = keys("the key of the next year").add_previous(Secret::from_static(KEY)).unwrap();
    assert_eq!(kind::<Zeodyn>(&columns, &rotated), None);
    let other = keys("the key of another service");
    assert_eq!(kind::<Zeodyn>(&columns, &other), Some(SealErrorKind::UnknownKey));
    let named = keys(KEY).with_namespace("staging");
    assert_eq!(kind::<Zeodyn>(&columns, &named), Some(SealErrorKind::Forged));
    assert_eq!(kind::<GitHub>(&columns, &keys(KEY)), Some(SealErrorKind::OtherProvider));
    assert_eq!(
        SealKeys::new(Secret::from_static("fifteen bytes..")).unwrap_err().to_string(),
        "a key of an inbox has at least 16 bytes: use 32 random ones, such as those of `openssl rand -hex 32`"
    );
}

#[test]
fn a_purged_delivery_is_not_forged() {
    let columns = sealed(&delivery::<Zeodyn>(secrets(), r#"{"event":"scan_complete","scanId":"7"}"#, &[]));
    let purged = SealedColumns { body: None, ..columns.clone() };
    assert_eq!(kind::<Zeodyn>(&purged, &keys(KEY)), Some(SealErrorKind::Purged));
    let changed = SealedColumns { resource: None, ..purged };
    assert_eq!(kind::<Zeodyn>(&changed, &keys(KEY)), Some(SealErrorKind::Forged));
}

#[test]
fn a_body_that_cannot_be_read_is_sealed_and_says_so() {
    let body = "not JSON";
    let proof = Zeodyn::SCHEME.sign(b"s3cr3t", body).unwrap();
    let head = http::Request::post("/").header("x-zeodyn-signature", proof.value()).body(()).unwrap();
    let verified = Verifier::<Zeodyn>::new(secrets()).verify_only(&head, body).unwrap();
    let received = Received::read(verified);
    let key = received.key("", "").unwrap();
    let sealed = received.seal(&keys(KEY), key, now()).unwrap();
    assert_eq!((sealed.columns().event.as_str(), sealed.columns().body.as_deref()), ("", Some(body.as_bytes())));
    let error = sealed.open::<Zeodyn>(&keys(KEY)).unwrap_err();
    assert_eq!(error.kind(), SealErrorKind::Undecodable);
    assert!(std::error::Error::source(&error).is_some());
}

#[test]
fn t19_debug_shows_no_body_and_no_key() {
    let delivery = delivery::<Zeodyn>(secrets(), r#"{"event":"scan_complete","scanId":"7"}"#, &[]);
    let sealed = delivery.seal(&keys(KEY), delivery.key("", "").unwrap(), now()).unwrap();
    let text = format!("{sealed:?} {:?} {:?}", sealed.columns(), keys(KEY));
    assert!(!text.contains("scanId") && !text.contains(KEY), "{text}");
}

/// The digest and both MACs are those of Python's `hashlib` and `hmac`, which were given the parts by
/// hand: each with its length in 8 bytes, and a byte before an optional one.
#[test]
fn the_seal_is_the_mac_of_the_parts() {
    let delivery = delivery::<Zeodyn>(secrets(), r#"{"event":"scan_complete","scanId":"7"}"#, &[]);
    let columns = delivery.seal(&keys(KEY), [7; 32].into(), now()).unwrap().into_columns();
    let digest = "5b7f61113bbbe9e0050a34c143ed2fdfa793411e3c7f2e1f3ae9b350088412c7";
    let meta = format!(
        "{{\"version\":1,\"body\":\"{digest}\",\"trust\":\"signed\",\"scheme\":0,\"is_sorted\":false,\"secret\":1,\
         \"is_current\":false,\"label\":\"old\"}}"
    );
    assert_eq!(columns.meta, meta);
    let (number, mac) = ("6533240c", "9791e28794f50b82f3da829d0497eb6d5d99edf1ae5df231609eda6ce5fef145");
    assert_eq!(hex::encode(&columns.seal), format!("{number}{mac}"));
}

#[test]
fn contents_are_of_any_provider_and_need_no_event() {
    let columns = sealed(&delivery::<Zeodyn>(secrets(), r#"{"event":"scan_complete","scanId":"7"}"#, &[]));
    let contents = Sealed::from(columns.clone()).contents(&keys(KEY)).unwrap();
    assert_eq!(contents.body, r#"{"event":"scan_complete","scanId":"7"}"#);
    assert_eq!((contents.confirmed, contents.trust, contents.resource.as_deref()), (None, Trust::Signed, Some("7")));
    let forged = Sealed::from(SealedColumns { provider: "github".to_owned(), ..columns.clone() });
    assert_eq!(forged.contents(&keys(KEY)).err().unwrap().kind(), SealErrorKind::Forged);
    let purged = Sealed::from(SealedColumns { body: None, ..columns });
    assert_eq!(purged.contents(&keys(KEY)).err().unwrap().kind(), SealErrorKind::Purged);
}

#[test]
fn bodies_are_compared_by_their_digests() {
    let sealed = |body: &str| Sealed::from(sealed(&delivery::<Zeodyn>(secrets(), body, &[])));
    let (one, two) =
        (sealed(r#"{"event":"scan_complete","scanId":"7"}"#), sealed(r#"{"event":"scan_complete","scanId":"8"}"#));
    assert!(one.has_other_body(&two) && !one.has_other_body(&one));
    let purged = Sealed::from(SealedColumns { body: None, ..one.columns().clone() });
    assert!(purged.has_other_body(&two) && !purged.has_other_body(&one));
    let unreadable = Sealed::from(SealedColumns { meta: Bytes::new(), ..one.into_columns() });
    assert!(!unreadable.has_other_body(&two));
}
