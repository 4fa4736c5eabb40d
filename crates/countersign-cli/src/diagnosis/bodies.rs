//! Known mistakes with the body.

use bytes::Bytes;

use super::{
    bodies_undone as undone,
    mistake::{Mistake, Named},
};

/// A captured body, and what it is known by.
pub(super) struct Given<'a> {
    pub(super) body: &'a [u8],
    /// The body with what follows behind its `Content-Length`.
    pub(super) uncut: Option<&'a [u8]>,
    /// The values of headers that may be a time of sending.
    pub(super) times: Vec<&'a [u8]>,
    /// The provider's documented events and payloads.
    pub(super) documented: &'static [(&'static str, &'static str)],
}

/// A body that may have been signed, and what may be said of it.
pub(super) struct Undone {
    pub(super) body: Vec<u8>,
    pub(super) detail: Option<String>,
}

impl From<Vec<u8>> for Undone {
    fn from(body: Vec<u8>) -> Self {
        Self { body, detail: None }
    }
}

/// A mistake, and the bodies that may have been signed if it was made.
struct WithBody {
    mistake: Mistake,
    undo: fn(&Given<'_>) -> Vec<Undone>,
}

/// A body that may be the one that was signed.
pub(super) struct Candidate {
    pub(super) body: Bytes,
    pub(super) mistakes: Vec<Named>,
}

/// The body as it is.
pub(super) fn as_it_is(given: &Given<'_>) -> Candidate {
    Candidate { body: Bytes::copy_from_slice(given.body), mistakes: Vec::new() }
}

/// What one mistake makes of the body, one after the other, so that not all of them have to be kept.
pub(super) fn candidates<'a>(given: &'a Given<'_>) -> impl Iterator<Item = Candidate> + 'a {
    let undone = TABLE
        .iter()
        .flat_map(|WithBody { mistake, undo }| undo(given).into_iter().map(move |undone| (mistake, undone)));
    let reserialised = undone::reserialised(given).map(|undone| (&RESERIALISED, undone));
    undone.chain(reserialised).filter(|(_, undone)| undone.body != given.body).map(|(mistake, undone)| Candidate {
        body: undone.body.into(),
        mistakes: vec![undone.detail.map_or_else(|| mistake.into(), |detail| Named::with_detail(mistake, detail))],
    })
}

static RESERIALISED: Mistake = Mistake {
    code: "body-reserialised",
    sentence: "the captured body was parsed and written again: the signature fits the same JSON {detail}",
    advice: "Verify the bytes as they came, before any JSON parser: in Express `express.raw`, not `express.json` and \
             `JSON.stringify`; in Flask `request.get_data()`; in axum and actix-web `VerifyWebhook` does.",
};

const RAW: &str =
    "Verify the bytes as they came, before any JSON parser or middleware touches them, and capture those.";

static TABLE: &[WithBody] = &[
    WithBody {
        mistake: Mistake {
            code: "body-line-break-added",
            sentence: "the captured body ends with a line break that was not signed",
            advice: "Take it off, if an editor or `echo` put it there; otherwise find what adds it on the way.",
        },
        undo: undone::line_break_added,
    },
    WithBody {
        mistake: Mistake {
            code: "body-line-break-removed",
            sentence: "the captured body lacks the line break that was signed at its end",
            advice: "Verify the bytes as they came: something trims the body, or the capture lost its last byte.",
        },
        undo: undone::line_break_removed,
    },
    WithBody {
        mistake: Mistake {
            code: "body-white-space-added",
            sentence: "the captured body has white space at its ends that was not signed",
            advice: RAW,
        },
        undo: undone::white_space_added,
    },
    WithBody {
        mistake: Mistake {
            code: "body-line-breaks-to-lf",
            sentence: "the captured body has LF where CRLF was signed",
            advice: "Something turned the line breaks to those of Unix: an editor, Git, or copying. Capture the bytes as \
                     they came.",
        },
        undo: undone::to_crlf,
    },
    WithBody {
        mistake: Mistake {
            code: "body-line-breaks-to-crlf",
            sentence: "the captured body has CRLF where LF was signed",
            advice: "Something turned the line breaks to those of Windows: an editor, Git, or copying. Capture the bytes \
                     as they came.",
        },
        undo: undone::to_lf,
    },
    WithBody {
        mistake: Mistake {
            code: "body-byte-order-mark-added",
            sentence: "the captured body begins with a byte order mark that was not signed",
            advice: "Save the capture without a byte order mark: editors on Windows add one.",
        },
        undo: undone::byte_order_mark_added,
    },
    WithBody {
        mistake: Mistake {
            code: "body-byte-order-mark-removed",
            sentence: "the captured body lacks the byte order mark that was signed with it",
            advice: RAW,
        },
        undo: undone::byte_order_mark_removed,
    },
    WithBody {
        mistake: Mistake {
            code: "body-longer-than-declared",
            sentence: "the body goes on behind its Content-Length, and all of it was signed",
            advice: "The Content-Length is not that of this body: something on the way changed one of them.",
        },
        undo: undone::uncut,
    },
    WithBody {
        mistake: Mistake {
            code: "body-in-chunks",
            sentence: "the captured body has the framing of chunks in it, which was not signed",
            advice: "Take the body after the server put the chunks together, and not from the connection.",
        },
        undo: undone::chunks,
    },
    WithBody {
        mistake: Mistake {
            code: "body-compressed",
            sentence: "the captured body is compressed, and what is inside was signed",
            advice: "Have it delivered without a content coding: no receiver should inflate what is not verified.",
        },
        undo: undone::compressed,
    },
    WithBody {
        mistake: Mistake {
            code: "body-utf-16",
            sentence: "the captured body is in UTF-16, and UTF-8 was signed",
            advice: "Capture the bytes as they came: PowerShell's `>` writes UTF-16.",
        },
        undo: undone::utf_16,
    },
    WithBody {
        mistake: Mistake {
            code: "body-character-set",
            sentence: "the captured body went through another character set: UTF-8 was taken for Latin-1, or Latin-1 written",
            advice: "Verify the bytes as they came, and never a string that was decoded from them.",
        },
        undo: undone::character_set,
    },
    WithBody {
        mistake: Mistake {
            code: "body-in-json-string",
            sentence: "the captured body is a JSON string that holds what was signed",
            advice: "Verify the bytes as they came: something serialised the body once more.",
        },
        undo: undone::json_string,
    },
    WithBody {
        mistake: Mistake {
            code: "body-base64",
            sentence: "the captured body is the base64 of what was signed",
            advice: "Decode it before it is verified: API gateways hand bodies to functions in base64.",
        },
        undo: undone::base64,
    },
    WithBody {
        mistake: Mistake {
            code: "body-in-envelope",
            sentence: "the captured body is the event of an API gateway, and its `body` was signed",
            advice: "Verify the event's `body`, decoded if `isBase64Encoded` says so.",
        },
        undo: undone::envelope,
    },
    WithBody {
        mistake: Mistake {
            code: "body-form-encoded",
            sentence: "the captured body is form-encoded, and the decoded value was signed",
            advice: "Verify the bytes as they came: {provider} sends JSON, and something made a form of it.",
        },
        undo: undone::form,
    },
    WithBody {
        mistake: Mistake {
            code: "body-with-timestamp-signed",
            sentence: "the timestamp was signed together with the body, and {provider} does not sign the time",
            advice: "Sign the body alone: whoever sent this signs as another provider does.",
        },
        undo: undone::with_timestamp,
    },
    WithBody {
        mistake: Mistake {
            code: "body-not-signed",
            sentence: "it is the signature of an empty body, and the captured one is not empty",
            advice: "Whatever signed this did not have the body yet, or had consumed it.",
        },
        undo: undone::empty,
    },
];
