//! Requests that the API never hears of.

use std::{io::Write, thread};

use crate::{
    api::Api,
    deliveries::{PATH, completed, genuine, with},
    receivers::Adapter,
    support::{
        http::{Framing, connect, read_answer},
        sender,
    },
};

for_both![
    t21_without_the_right_token_the_api_is_never_asked,
    t21_forged_deliveries_at_full_speed_never_reach_the_api,
    an_undecodable_delivery_is_422_and_the_api_is_not_asked,
    a_delivery_that_is_not_whole_is_not_asked_about,
];

fn t21_without_the_right_token_the_api_is_never_asked(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    let (sender, genuine) = (sender("screenshotrun"), genuine());
    let body = genuine.body.clone();
    for request in [
        sender.unproven(body.clone()),
        sender.proven_with(b"guessed", body.clone()),
        sender.proven_with(sender.previous_secret().as_bytes(), body.clone()),
        sender.unproven(body.clone()).with_target(format!("{PATH}?token=")),
        sender.unproven(body.clone()).with_target(format!("{PATH}?token")),
        sender.unproven(body.clone()).with_header("authorization", format!("Bearer {}", sender.secret())),
        genuine.clone().with_target(format!("{}&token=x", genuine.target)),
        genuine.clone().with_target(genuine.target.replace("token=", "Token=")),
        genuine.clone().with_target(genuine.target.replace("fixture", "FIXTURE")),
    ] {
        receiver.denies(&request);
    }
    assert_eq!(api.connections(), 0);
}

fn t21_forged_deliveries_at_full_speed_never_reach_the_api(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for number in 0..100 {
                    let token = format!("guess {number}");
                    receiver.denies(&sender("screenshotrun").proven_with(token.as_bytes(), genuine().body));
                }
            });
        }
    });
    assert_eq!(api.connections(), 0);
    receiver.accepts(&genuine());
}

fn an_undecodable_delivery_is_422_and_the_api_is_not_asked(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    let whole = String::from_utf8(genuine().body).unwrap();
    let id_twice = whole.replacen("\"id\"", "\"id\":\"x\",\"id\"", 1);
    let data_twice = whole.replacen("\"data\"", "\"data\":{},\"data\"", 1);
    let event_twice = whole.replacen("\"event\"", "\"event\":\"screenshot.failed\",\"event\"", 1);
    let unknown = |body: &str| body.replace("screenshot.completed", "screenshot.deleted");
    let mut bodies: Vec<Vec<u8>> =
        ["", "{}", "[]", "null", "{", "{\"event\":7}", "{\"event\":null,\"data\":{}}"].map(Vec::from).into();
    bodies.extend([unknown(&id_twice), unknown(&data_twice)].map(Vec::from));
    bodies.extend([id_twice, data_twice, event_twice, format!("{whole}x"), format!("\u{feff}{whole}")].map(Vec::from));
    bodies.push([whole.as_bytes(), b"\xff"].concat());
    bodies.push(with(serde_json::from_str(&whole).unwrap(), "data", serde_json::json!([1])).to_string().into());
    for body in bodies {
        receiver.cannot_decode(&genuine().with_body(body));
    }
    assert_eq!(api.connections(), 0);
}

fn a_delivery_that_is_not_whole_is_not_asked_about(adapter: Adapter) {
    let api = Api::answering(200, completed().to_string());
    let receiver = adapter.receiver(api.client());
    let genuine = genuine();
    for framing in [Framing::Declared(genuine.body.len() as u128 + 1), Framing::Unfinished] {
        assert_eq!(genuine.clone().framed(framing).send(receiver.address).status, 400);
    }
    for (request, status) in [
        (genuine.clone().with_method("GET"), 405),
        (genuine.clone().with_method("PUT"), 405),
        (genuine.clone().with_header("content-encoding", "gzip"), 415),
        (genuine.clone().framed(Framing::Declared(1 << 40)), 413),
    ] {
        let stream = connect(receiver.address);
        (&stream).write_all(&request.head()).unwrap();
        assert_eq!(read_answer(&stream).unwrap().status, status);
    }
    assert_eq!(api.connections(), 0);
    assert!(receiver.take_handled().is_empty());
}
