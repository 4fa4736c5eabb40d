//! What is odd about a capture and decides nothing.

use countersign_core::DEFAULT_BODY_LIMIT;

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
        Oddity::HeadOnly => "no empty line ends the head of the capture, which has no body therefore".to_owned(),
        Oddity::Cut { declared, captured } => {
            format!("Content-Length says {declared} bytes and {captured} were captured: the rest was cut off")
        }
        Oddity::Incomplete { declared, captured } => {
            format!("Content-Length says {declared} bytes and {captured} were captured: the capture is incomplete")
        }
        Oddity::UnclearLength => "there is no one Content-Length: the whole rest was taken for the body".to_owned(),
        Oddity::Joined => "the body came in chunks, which were put together".to_owned(),
        Oddity::NotInChunks => "Transfer-Encoding says chunks and the body has none: it was taken as it is".to_owned(),
        Oddity::ChunksIncomplete => "the last chunk is missing or broken: the capture is incomplete".to_owned(),
    }
}
