//! Known mistakes with the secret.

use zeroize::Zeroizing;

use super::{
    mistake::{Mistake, Named},
    secrets_undone as undone,
};
use crate::secret::SecretInput;

/// A mistake, and the secrets that may have been meant by the one at hand if it was made.
struct WithSecret {
    mistake: Mistake,
    undo: fn(&[u8]) -> Vec<Vec<u8>>,
}

/// A secret that may be the right one.
pub(super) struct Candidate {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    pub(super) mistakes: Vec<Named>,
}

/// Longer than any secret: what is longer is taken as it is.
const LONGEST: usize = 4096;

static PREVIOUS: Mistake = Mistake {
    code: "previous-secret",
    sentence: "{proven_with} the previous secret, in {detail}",
    advice: "Accept it beside the current one until no delivery comes with it any more: \
             `Secrets::new(current).add_previous(previous)`. If the rotation is long over, set the current secret at \
             {provider}.",
};

static EMPTY: Mistake = Mistake {
    code: "secret-empty",
    sentence: "{proven_with} an empty secret",
    advice: "Anybody can do that: never accept it. Whatever sent this has no secret set.",
};

/// The secret as it is, the previous ones, and everything that one mistake makes of it.
pub(super) fn candidates(current: &SecretInput, previous: &[SecretInput]) -> Vec<Candidate> {
    let mut candidates = vec![Candidate { bytes: current.bytes.clone(), mistakes: Vec::new() }];
    for secret in previous {
        let name = secret.origin.strip_prefix("the secret in ").unwrap_or(&secret.origin);
        add(&mut candidates, secret.bytes.clone(), &[Named::with_detail(&PREVIOUS, name)]);
    }
    add_undone(&mut candidates, &current.bytes, &[]);
    if !current.bytes.is_empty() {
        add(&mut candidates, Zeroizing::default(), &[Named::from(&EMPTY)]);
    }
    candidates
}

/// Everything that one more mistake makes of `candidates`.
pub(super) fn with_another_mistake(candidates: &[Candidate]) -> Vec<Candidate> {
    let mut more = Vec::new();
    for candidate in candidates.iter().filter(|candidate| candidate.mistakes.len() == 1 && !candidate.bytes.is_empty())
    {
        add_undone(&mut more, &candidate.bytes, &candidate.mistakes);
    }
    more
}

fn add_undone(candidates: &mut Vec<Candidate>, secret: &[u8], so_far: &[Named]) {
    if secret.len() > LONGEST {
        return;
    }
    for WithSecret { mistake, undo } in TABLE {
        let mistakes = [so_far, &[Named::from(mistake)]].concat();
        for bytes in undo(secret).into_iter().map(Zeroizing::new).filter(|bytes| !bytes.is_empty()) {
            add(candidates, bytes, &mistakes);
        }
    }
}

/// The first, and simplest, way to a secret counts.
fn add(candidates: &mut Vec<Candidate>, bytes: Zeroizing<Vec<u8>>, mistakes: &[Named]) {
    if candidates.iter().all(|candidate| candidate.bytes != bytes) {
        candidates.push(Candidate { bytes, mistakes: mistakes.to_vec() });
    }
}

static TABLE: &[WithSecret] = &[
    WithSecret {
        mistake: Mistake {
            code: "secret-line-break",
            sentence: "{secret} ends with a line break that is not part of it",
            advice: "Take the line break off: `printf %s` writes none where `echo` does, and editors put one at the end of \
                     a file.",
        },
        undo: undone::line_break,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-white-space",
            sentence: "{secret} has white space at its ends that is not part of it: it has to be trimmed",
            advice: "Take off what stands before and behind the secret, where it is stored.",
        },
        undo: undone::white_space,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-byte-order-mark",
            sentence: "{secret} begins with a byte order mark that is not part of it",
            advice: "Save the file as UTF-8 without a byte order mark.",
        },
        undo: undone::byte_order_mark,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-literal-line-break",
            sentence: "{secret} ends with a literal `\\n`, a backslash and a letter, that is not part of it",
            advice: "Take the two characters off: something wrote a line break as an escape.",
        },
        undo: undone::literal_line_break,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-quoted",
            sentence: "{secret} has quotes around it that are not part of it",
            advice: "Take the quotes off: `docker --env-file` and systemd's files keep those of a .env file.",
        },
        undo: undone::quotes,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-with-name",
            sentence: "{secret} begins with a name and `=`, which were pasted along with it",
            advice: "Take the name and the `=` off.",
        },
        undo: undone::name,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-doubled",
            sentence: "{secret} is there twice, one behind the other",
            advice: "It was pasted twice: take one off.",
        },
        undo: undone::doubled,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-trimmed",
            sentence: "{secret} was trimmed: white space or a line break at its end belongs to it",
            advice: "Use the secret byte for byte as it is set at {provider}, with the white space; or set one without.",
        },
        undo: undone::trimmed,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-prefix-stripped",
            sentence: "{secret} has to be used as it is, \"whsec_\" included, which was taken off",
            advice: "Use the secret as it was issued. Only Standard Webhooks, which this is not, take the prefix off.",
        },
        undo: undone::prefix_stripped,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-prefix-stripped-and-base64-decoded",
            sentence: "{secret} was base64-decoded: it has to be used as it is, \"whsec_\" included",
            advice: "Use the secret as it was issued, as text. Only Standard Webhooks, which this is not, take the prefix \
                     off and decode the rest.",
        },
        undo: undone::prefix_stripped_and_decoded,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-base64-decoded",
            sentence: "{secret} was base64-decoded: it has to be used as it was issued, as text",
            advice: "Take the bytes of the text itself: nothing is decoded.",
        },
        undo: super::coding::to_base64,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-hex-decoded",
            sentence: "{secret} was hex-decoded: it has to be used as it was issued, as text",
            advice: "Take the bytes of the text itself: nothing is decoded.",
        },
        undo: undone::hex_decoded,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-is-base64",
            sentence: "{proven_with} the base64-decoded form of {secret}",
            advice: "If {provider} issued the decoded form, put that there (a Kubernetes Secret shows its values in \
                     base64). If it issued this text, whoever sent this decodes what is to be used as it is.",
        },
        undo: undone::is_base64,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-is-hex",
            sentence: "{proven_with} the hex-decoded form of {secret}",
            advice: "If {provider} issued this text, whoever sent this decodes what is to be used as it is.",
        },
        undo: undone::is_hex,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-without-prefix",
            sentence: "{proven_with} what follows \"whsec_\" in {secret}",
            advice: "If {provider} issued the secret with \"whsec_\", whoever sent this takes off what belongs to it.",
        },
        undo: undone::without_prefix,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-without-prefix-base64-decoded",
            sentence: "{proven_with} the base64-decoded form of what follows \"whsec_\" in {secret}",
            advice: "That is how Standard Webhooks sign, and not {provider}: whoever sent this does not sign as it does.",
        },
        undo: undone::without_prefix_decoded,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-percent-encoded",
            sentence: "{secret} is percent-encoded, and {right_one} is not",
            advice: "Put the decoded secret there: percent-encoding is for URLs.",
        },
        undo: undone::percent_encoded,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-percent-decoded",
            sentence: "{secret} was percent-decoded, and {right_one} was not",
            advice: "Use the secret as it was issued, with its `%`.",
        },
        undo: undone::percent_decoded,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-letter-case",
            sentence: "{secret} has its letters in another case than {right_one}",
            advice: "Use the secret as it was issued: upper and lower case are different.",
        },
        undo: undone::letter_case,
    },
    WithSecret {
        mistake: Mistake {
            code: "secret-character-set",
            sentence: "{secret} was saved in another character set than {right_one}",
            advice: "Save it as UTF-8, with the characters as they were issued.",
        },
        undo: undone::character_set,
    },
];
