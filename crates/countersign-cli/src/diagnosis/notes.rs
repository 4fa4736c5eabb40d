//! What is odd about a capture, but decides nothing.

use countersign_core::adapter::DEFAULT_BODY_LIMIT;

use crate::capture::{Captured, Oddity};

pub(super) fn of(captured: &Captured) -> Vec<String> {
    let odd = captured.oddities().iter().map(|oddity| of_oddity(*oddity));
    let length = captured.body().len();
    let too_long = (length > DEFAULT_BODY_LIMIT).then(|| {
        format!("the body has {length} bytes: a receiver with the default limit of {DEFAULT_BODY_LIMIT} answers 413")
    });
    odd.chain(too_long).collect()
}

fn of_oddity(oddity: Oddity) -> String {
    match oddity {
        Oddity::HeadOnly => "no empty line ends the head of the capture, so it has no body".to_owned(),
        Oddity::Cut { declared, captured } => {
            format!(
                "Content-Length says {declared} bytes, but {captured} were captured: the first {declared} were verified"
            )
        }
        Oddity::Incomplete { declared, captured } => {
            format!("Content-Length says {declared} bytes, but {captured} were captured: the capture is incomplete")
        }
        Oddity::UnclearLength => {
            "Content-Length is repeated or not a number: everything after the head was taken as the body".to_owned()
        }
        Oddity::Chunked => {
            "Transfer-Encoding says chunked: capture the body after the server has joined the chunks".to_owned()
        }
    }
}
