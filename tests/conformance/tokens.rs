//! The provider that signs nothing: its URL's token.

use crate::{
    support::{Sender, escape},
    surfaces::Surface,
};

fn target(sender: &Sender, query: &str) -> String {
    format!("{}?{query}", sender.path())
}

pub(crate) fn t2_the_token_is_the_proof(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let id = sender.id_of(&fixture.event, &fixture.body);
    let right = escape(sender.secret().as_bytes());
    let request = sender.unproven(fixture.body);
    for query in [format!("token={right}"), format!("a=1&token={right}&b"), format!("&&token={right}&")] {
        surface.accepts(sender, &request.clone().with_target(target(sender, &query)), &fixture.event, &id);
    }
    for query in ["", "a=1", "token", "token=", "token=x", &format!("token={right}x"), &format!("token=x{right}")] {
        surface.rejects(&request.clone().with_target(target(sender, query)), 401);
    }
    // Nowhere else than in the query.
    surface.rejects(&request.clone().with_header("token", sender.secret().into_bytes()), 401);
    let bearer = [b"Bearer ", sender.secret().as_bytes()].concat();
    surface.rejects(&request.clone().with_header("authorization", bearer), 401);
    let in_body = request.with_body(format!("token={right}"));
    surface.rejects(&in_body, 401);
}

pub(crate) fn t8_the_token_is_there_once_under_its_name(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let right = escape(sender.secret().as_bytes());
    for query in [
        format!("token={right}&token={right}"),
        format!("token={right}&token=x"),
        format!("token=x&token={right}"),
        format!("token={right}&token"),
        format!("token={right}&%74oken={right}"),
        format!("%74oken=x&token={right}"),
        format!("%74oken={right}"),
        format!("Token={right}"),
        format!("TOKEN={right}"),
        format!("token[]={right}"),
        format!("token%5B%5D={right}"),
        format!("tokens={right}"),
        format!("x_token={right}"),
        format!("token%20={right}"),
        format!("a;token={right}"),
        format!("?token={right}"),
    ] {
        let request = sender.unproven(fixture.body.clone()).with_target(target(sender, &query));
        surface.rejects(&request, 401);
    }
}

/// The token is `fixture+token/é &=%`.
pub(crate) fn tokens_are_percent_decoded_and_a_plus_is_a_plus(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let id = sender.id_of(&fixture.event, &fixture.body);
    let request = sender.unproven(fixture.body);
    for query in [
        "token=fixture+token/%C3%A9%20%26=%25",
        "token=fixture%2Btoken%2f%c3%a9%20%26%3D%25",
        "token=%66ixture+token/%C3%A9%20%26=%",
    ] {
        surface.accepts(sender, &request.clone().with_target(target(sender, query)), &fixture.event, &id);
    }
    for query in [
        "token=fixture%20token/%C3%A9%20%26=%25",
        "token=fixture+token/%C3%A9+%26=%25",
        "token=fixture+token/e%CC%81%20%26=%25",
        "token=fixture+token/%E9%20%26=%25",
        "token=fixture+token/%EF%BF%BD%20%26=%25",
        "token=fixture+token/%C3%A9%20%26=%2525",
        "token=fixture+token/%C3%A9%20&=%25",
        "token=%FF%FE%00",
    ] {
        surface.rejects(&request.clone().with_target(target(sender, query)), 401);
    }
}

pub(crate) fn previous_tokens_are_accepted(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let id = sender.id_of(&fixture.event, &fixture.body);
    let previous = sender.proven_with(sender.previous_secret().as_bytes(), fixture.body.clone());
    surface.accepts(sender, &previous, &fixture.event, &id);
    let retired = format!("{}-previous", sender.previous_secret());
    surface.rejects(&sender.proven_with(retired.as_bytes(), fixture.body), 401);
}
