//! What is said where the capture itself shows what is the matter, or nothing explains it.

use super::mistake::Mistake;

macro_rules! refusals {
    ($($NAME:ident: $code:literal, $sentence:literal, $advice:literal;)*) => {
        $(pub(super) static $NAME: Mistake = Mistake { code: $code, sentence: $sentence, advice: $advice };)*
    };
}

refusals! {
    NOT_POST: "not-post",
        "the request is no POST",
        "Deliveries are POST requests; receivers answer 405. A redirect turns a POST into a GET: give {provider} the URL \
         that it leads to.";
    CONTENT_CODING: "content-coding",
        "the body has a content coding, which would have to be undone before anything is verified",
        "Have it delivered without `Content-Encoding`; receivers answer 415.";
    LENGTH: "content-length",
        "the Content-Length is larger than any body",
        "Capture the request again: no server takes it.";
    WRONG_PROVIDER: "wrong-provider",
        "it is a delivery of {detail}, and not of {provider}, and as such it verifies with {secret}",
        "Verify it as {detail}'s: the wrong provider was named here, or its URL was given to {detail}.";
    OTHERS_HEADER: "other-provider-header",
        "the header {place} is missing, and the signature header of {detail} is there: it looks like a delivery of {detail}",
        "If it is {detail}'s, verify it as such, with the secret of {detail}: it does not verify with {secret}.";
    OTHERS_HEADER_FOR_TOKEN: "other-provider-header",
        "the URL has no parameter `{place}`, and the signature header of {detail} is there: it looks like a delivery of \
         {detail}",
        "If it is {detail}'s, verify it as such, with the secret of {detail}: it does not verify with {secret}.";
    SIGNATURE_MISSING: "signature-missing",
        "the header {place} is missing",
        "Check that {provider} has a secret set for this endpoint, that no proxy drops the header, and that the capture has \
         all headers.";
    SIGNATURE_EMPTY: "signature-empty",
        "the header {place} is empty",
        "Whatever signed this had nothing to put there; or something on the way blanks it.";
    SIGNATURE_MALFORMED: "signature-malformed",
        "the header {place} is not {grammar}",
        "Send {place} as {provider} does: {grammar}, and nothing else.";
    SIGNATURE_IS_SECRET: "signature-is-secret",
        "the header {place} holds the secret itself, and no signature",
        "Sign the body with it, and never send it. It is known to everybody on the way now: set another.";
    TOKEN_MISSING: "token-missing",
        "the URL has no parameter `{place}`",
        "Give {provider} the URL with `?{place}=` and the secret, and check that no proxy drops the query.";
    TOKEN_EMPTY: "token-empty",
        "the parameter `{place}` of the URL is empty",
        "Give {provider} the URL with the secret behind `{place}=`: it was not filled in.";
    CAPTURE_INCOMPLETE: "capture-incomplete",
        "the capture is incomplete: its body is shorter than was sent, so that the signature cannot match",
        "Capture the whole body: as many bytes as Content-Length says, or up to the last chunk.";
    BODY_EMPTY: "body-empty",
        "the captured body is empty, and something else was signed",
        "Capture the body before the framework consumes it: a body can be read once.";
    BODY_IS_OBJECT: "body-is-object",
        "the captured body is the text `[object Object]`, and something else was signed",
        "Verify the bytes as they came: JavaScript made a string of the parsed object.";
    UNEXPLAINED: "unexplained",
        "the signature does not match the body under {secret}, and no known mistake explains it: it is the wrong secret, or \
         another body",
        "Nothing tells the two apart, so check both. Is it the secret of this very endpoint at {provider}, and still the \
         current one? {which_secret}Give the ones before with --previous-secret-env. And was the body captured before any \
         framework, proxy or editor touched it, byte for byte?";
    TOKEN_UNEXPLAINED: "token-unexplained",
        "the token in the URL is not {secret}, and no known mistake explains it: one of them is wrong",
        "Compare the URL that you gave {provider} with the secret that your server has, and give the secrets before with \
         --previous-secret-env.";
    UNDECODABLE: "body-undecodable",
        "the {detail}",
        "The delivery is genuine, and receivers answer 422: compare the body with {provider}'s documentation.";
    REFUSED: "refused",
        "{detail}",
        "Receivers refuse it for this reason.";
}
