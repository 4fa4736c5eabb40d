//! Signatures that others computed: openssl's of the documented payloads. (tests/samples.rs runs openssl itself.)

use countersign_testkit::{Documented, Payload, sign};

use crate::testkit::of;

for_every_provider![documented_payloads_are_signed_as_openssl_signed_them,];

fn documented_payloads_are_signed_as_openssl_signed_them<P: Documented>() {
    let sender = of::<P>();
    for fixture in sender.fixtures() {
        let secrets = [(sender.secret(), fixture.tag), (sender.previous_secret(), fixture.previous_tag)];
        for (secret, tag) in secrets {
            let proof = sign::<P>(&secret, &fixture.body);
            let request = Payload::<P>::documented(&fixture.event).unwrap().signed_with(secret.as_str());
            assert_eq!(request.body()[..], fixture.body);
            let Some(tag) = tag else {
                assert!(!sender.is_signed());
                assert_eq!(proof.headers().count(), 0);
                continue;
            };
            let (name, prefix) = sender.header();
            let value = format!("{prefix}{tag}");
            assert_eq!(proof.headers().collect::<Vec<_>>(), [(name, value.as_str())], "{}", fixture.event);
            assert_eq!(proof.query(), None);
            let sent: Vec<_> = request.headers().get_all(name).iter().collect();
            assert_eq!(sent, [value.as_str()], "{}", fixture.event);
            assert_eq!(request.query(), None);
        }
    }
}

#[test]
fn every_signed_payload_has_a_known_answer() {
    let lines = std::fs::read_to_string(crate::testkit::support::fixtures_dir().join("signatures.txt")).unwrap();
    let senders = crate::testkit::support::senders();
    let signed: usize = senders.iter().filter(|sender| sender.is_signed()).map(|sender| sender.payloads.len()).sum();
    assert_eq!((lines.lines().count(), signed), (15, 15));
}
