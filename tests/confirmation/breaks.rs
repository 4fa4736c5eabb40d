//! Answers that break off, and what is no answer in HTTP.

use crate::{
    api::Api,
    deliveries::{completed, genuine},
    raw::{self, Stream, chunk, head_of},
    receivers::Adapter,
};

for_both![an_answer_that_breaks_off_decides_nothing, what_is_no_answer_in_http_decides_nothing,];

/// Sends this and closes the connection, with TLS's own goodbye or without.
#[track_caller]
fn assert_decides_nothing(adapter: Adapter, answer: Vec<u8>, says_goodbye: bool) {
    let text = answer[..answer.len().min(60)].escape_ascii().to_string();
    println!("{text}, {says_goodbye}");
    let api = Api::raw(move |mut stream: Stream| {
        let answer = answer.clone();
        async move {
            raw::take_request(&mut stream).await;
            raw::write(&mut stream, answer).await;
            if says_goodbye {
                let _ = tokio::io::AsyncWriteExt::shutdown(&mut stream).await;
            }
        }
    });
    adapter.receiver(api.client()).is_undecided(&genuine());
    assert_eq!(api.connections(), 1, "{text}: it is not asked again");
    assert!(api.is_left_alone());
}

fn an_answer_that_breaks_off_decides_nothing(adapter: Adapter) {
    let body = completed().to_string();
    let (head, length) = (head_of(body.len() as u64), body.len() as u64);
    for answer in [
        Vec::new(),
        b"HTTP".to_vec(),
        head.as_bytes()[..head.len() - 2].to_vec(),
        head.clone().into_bytes(),
        [head.as_bytes(), &body.as_bytes()[..100]].concat(),
        // All of the JSON, and less than was promised.
        [head_of(length + 1).as_bytes(), body.as_bytes()].concat(),
        [head_of(u64::MAX).as_bytes(), body.as_bytes()].concat(),
        [raw::CHUNKED.as_bytes(), &chunk(body.as_bytes())].concat(),
        [raw::CHUNKED.as_bytes(), &chunk(body.as_bytes()), b"0\r\n"].concat(),
        [raw::CHUNKED.as_bytes(), b"fff\r\n", body.as_bytes()].concat(),
    ] {
        for says_goodbye in [true, false] {
            assert_decides_nothing(adapter, answer.clone(), says_goodbye);
        }
    }
    // Without a length, only TLS says that nothing was cut off.
    let unframed = format!("HTTP/1.1 200 OK\r\n\r\n{body}");
    assert_decides_nothing(adapter, unframed.into_bytes(), false);
}

fn what_is_no_answer_in_http_decides_nothing(adapter: Adapter) {
    let body = completed().to_string();
    let length = body.len();
    for answer in [
        body.clone(),
        format!("\r\n\r\n{body}"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        format!("HTTP/2 200\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("HTTP/1.1 20 OK\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("HTTP/1.1 2000 OK\r\nContent-Length: {length}\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nContent-Length: 3\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nContent-Length: {length}, 3\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n{body}\r\n0\r\n\r\n"),
        format!("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n{body}"),
        format!("HTTP/1.1 200 OK\r\n{}\r\n{body}", "x: y\r\n".repeat(20_000)),
        format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n{body}", "y".repeat(1_000_000)),
        format!("HTTP/1.1 200 OK\r\nno colon\r\nContent-Length: {length}\r\n\r\n{body}"),
    ] {
        assert_decides_nothing(adapter, answer.into_bytes(), true);
    }
}
