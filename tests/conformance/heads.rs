//! What is rejected before a byte of the body is read.

use crate::{
    support::{
        Sender,
        http::{Framing, Request, connect, read_answer},
    },
    surfaces::Surface,
};

const LIMIT: usize = countersign::adapter::DEFAULT_BODY_LIMIT;

pub(crate) fn t5_a_delivery_without_a_proof_is_rejected(sender: &Sender, surface: &Surface) {
    let body = sender.fixture().body;
    surface.rejects(&sender.unproven(body.clone()), 401);
    surface.rejects(&sender.unproven(Vec::new()), 401);
    // As a receiver that reads an unset variable as the empty secret would take it.
    surface.rejects(&sender.proven_with(b"", body), 401);
}

pub(crate) fn other_methods_are_rejected(sender: &Sender, surface: &Surface) {
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = surface.rejects(&sender.genuine(sender.fixture().body).with_method(method), 405);
        assert_eq!(answer.header("allow"), Some("POST"), "{method}");
    }
    surface.rejects(&Request::post(sender.path(), "").with_method("GET"), 405);
}

pub(crate) fn t16_content_codings_are_rejected(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let id = sender.id_of(&fixture.event, &fixture.body);
    let coded = |coding: &str| sender.genuine(fixture.body.clone()).with_header("content-encoding", coding);
    for coding in [
        "gzip",
        "x-gzip",
        "deflate",
        "br",
        "zstd",
        "compress",
        "x-compress",
        "dcb",
        "dcz",
        "aes128gcm",
        "exi",
        "pack200-gzip",
        "GZIP",
        "identity, gzip",
        "gzip, identity",
        "UTF-8,Br",
        "gzip;q=1",
        "zstd ; level=3",
    ] {
        surface.rejects(&coded(coding), 415);
    }
    surface.rejects(&coded("identity").with_header("content-encoding", "gzip"), 415);
    surface.rejects(&coded("gzip").with_header("content-encoding", "UTF-8"), 415);
    for coding in ["identity", "Identity", "identity, identity"] {
        surface.accepts(sender, &coded(coding), &fixture.event, &id);
    }
    // 1 GiB of zeros would be 1 MiB of gzip: it is never inflated, not even when it is signed and says nothing of gzip.
    let bomb: Vec<u8> = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3].into_iter().chain([0; 100_000]).collect();
    surface.rejects(&sender.genuine(bomb.clone()).with_header("content-encoding", "gzip"), 415);
    surface.rejects(&sender.genuine(bomb), 422);
}

/// Some senders write the charset there. The proof decides, and nothing is inflated.
pub(crate) fn c07_tokens_that_name_no_coding_change_nothing(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let id = sender.id_of(&fixture.event, &fixture.body);
    for token in [
        "UTF-8",
        "utf8",
        "none",
        "binary",
        "7bit",
        "8bit",
        "json",
        "application/json",
        "identity;q=1",
        "identity, UTF-8",
        "é",
        "",
    ] {
        let request = sender.genuine(fixture.body.clone()).with_header("content-encoding", token);
        surface.accepts(sender, &request, &fixture.event, &id);
        surface.accepts(sender, &request.with_header("content-encoding", "none"), &fixture.event, &id);
        surface.rejects(&sender.unproven(fixture.body.clone()).with_header("content-encoding", token), 401);
    }
    let zipped = b"\x1f\x8b\x08\0\0\0\0\0\x02\x03".to_vec();
    surface.rejects(&sender.genuine(zipped).with_header("content-encoding", "UTF-8"), 422);
}

pub(crate) fn content_types_are_not_looked_at(sender: &Sender, surface: &Surface) {
    let fixture = sender.fixture();
    let id = sender.id_of(&fixture.event, &fixture.body);
    surface.accepts(sender, &sender.genuine(fixture.body.clone()), &fixture.event, &id);
    for kind in ["application/json", "application/json; charset=utf-8", "text/plain", "multipart/form-data", ""] {
        let request = sender.genuine(fixture.body.clone()).with_header("content-type", kind);
        surface.accepts(sender, &request, &fixture.event, &id);
    }
}

pub(crate) fn t15_a_declared_length_over_the_limit_is_rejected_at_once(sender: &Sender, surface: &Surface) {
    for length in [LIMIT as u128 + 1, 9_000_000_000_000_000, i64::MAX as u128] {
        let request = sender.genuine("{}").framed(Framing::Declared(length));
        if !surface.is_socket() {
            surface.rejects(&request, 413);
            continue;
        }
        // The body is not sent: the answer comes for the head, or it would be 408.
        let stream = connect(surface.address());
        std::io::Write::write_all(&mut &stream, &request.head()).expect("a connection");
        let answer = read_answer(&stream).expect("an answer");
        assert_eq!(answer.status, 413, "{length}");
    }
}

/// 405, 413 (declared), 401 (head), 415, 408 / 413 / 400 (body), 401 (proof), 422.
pub(crate) fn rejections_take_precedence_in_order(sender: &Sender, surface: &Surface) {
    let too_long = vec![b' '; LIMIT + 1];
    let gzip = |request: Request| request.with_header("content-encoding", "gzip");
    let declared = |request: Request| request.framed(Framing::Declared(LIMIT as u128 + 1));
    let unproven = sender.unproven("{}");
    let genuine = sender.genuine("{}");

    surface.rejects(&gzip(declared(unproven.clone())).with_method("PUT"), 405);
    surface.rejects(&gzip(declared(unproven.clone())), 413);
    surface.rejects(&gzip(unproven.clone()), 401);
    surface.rejects(&unproven.with_body(too_long.clone()).framed(Framing::Chunked(10_000)), 401);
    surface.rejects(&gzip(genuine.clone()).with_body(too_long.clone()).framed(Framing::Chunked(10_000)), 415);
    if sender.is_signed() {
        let forged = sender.proven_with(b"guessed", "{}");
        surface.rejects(&gzip(forged.clone()), 415);
        surface.rejects(&forged.clone().with_body(too_long).framed(Framing::Chunked(10_000)), 413);
        surface.rejects(&forged, 401);
    }
    surface.rejects(&genuine, 422);
}
