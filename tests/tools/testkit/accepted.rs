//! Every documented delivery is accepted by a real `VerifyWebhook`, in this process and in others.

use countersign::provider::Provider;
use countersign_testkit::{Documented, Payload, SignedRequest};

use crate::testkit::{
    about,
    apps::answer,
    first, of,
    sent::send,
    signed,
    support::receiver::{Line, Receiver},
    wait_for,
};

for_every_provider![
    both_adapters_accept_every_documented_delivery,
    both_adapters_accept_fields_that_were_set,
    both_adapters_reject_another_secret,
];

fn both_adapters_accept_every_documented_delivery<P: Documented>() {
    for fixture in of::<P>().fixtures() {
        let answer = wait_for(answer(&signed::<P>(&fixture.event)));
        assert_eq!((answer.status, answer.handled.len()), (200, 1), "{}", fixture.event);
        assert_eq!(answer.handled[0].event, fixture.event);
        assert_eq!(answer.handled[0].body[..], fixture.body);
    }
}

fn both_adapters_accept_fields_that_were_set<P: Documented>() {
    let id = "set-\u{e9}\u{1f4f8}\"\\/~";
    let request = about::<P>(id);
    assert_ne!(request.body(), first::<P>().body());
    let answer = wait_for(answer(&request));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.handled[0].resource_id.as_deref(), Some(id));
}

fn both_adapters_reject_another_secret<P: Documented>() {
    for secret in [of::<P>().previous_secret(), format!("{}\n", of::<P>().secret()), String::new()] {
        let answer = wait_for(answer(&Payload::<P>::documented(of::<P>().events[0]).unwrap().signed_with(secret)));
        assert_eq!((answer.status, answer.handled), (401, vec![]));
    }
}

#[test]
fn the_axum_receiver_prints_every_delivery_once() {
    prints_every_delivery_once("axum_receiver");
}

#[test]
fn the_actix_receiver_prints_every_delivery_once() {
    prints_every_delivery_once("actix_receiver");
}

fn prints_every_delivery_once(name: &str) {
    fn by<P: Documented>(receiver: &Receiver) {
        for fixture in of::<P>().fixtures() {
            let body = fixture.body.as_slice();
            let line = Line::of::<P>(&fixture.event, &of::<P>().id_of(&fixture.event, body));
            assert_eq!(printed(receiver, &signed::<P>(&fixture.event)), [line], "{}", fixture.event);
        }
        for secret in [of::<P>().previous_secret(), of::<P>().secret()] {
            let id = format!("{}-{}", P::NAME, secret.len());
            let request = Payload::<P>::new(about::<P>(&id).body().clone()).signed_with(secret);
            assert_eq!(printed(receiver, &request), [Line::of::<P>(of::<P>().events[0], &id)]);
        }
    }
    let receiver = Receiver::start(name);
    macro_rules! every {
        ($($name:ident => $Provider:ident,)*) => { $(by::<countersign::providers::$Provider>(&receiver);)* };
    }
    countersign::__for_each_typed_provider!(every);
}

/// Sends it with reqwest.
fn printed<P: Provider>(receiver: &Receiver, request: &SignedRequest<P>) -> Vec<Line> {
    let answer = wait_for(send(request, receiver.address, &of::<P>().path()));
    assert_eq!(answer.status(), 200);
    assert!(!answer.headers().contains_key("countersign-delivery"));
    receiver.lines()
}
