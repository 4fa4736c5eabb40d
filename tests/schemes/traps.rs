//! What cuts across providers, and where public code is wrong.

use countersign::{
    RejectionKind::{
        InsufficientTrust, MalformedSignature, MalformedTimestamp, MalformedToken, MissingField, MissingSignature,
        MissingToken, SignatureMismatch, TokenMismatch,
    },
    Trust,
};

use super::{
    openssl::{BODY, genuine, made, mailgun},
    pages::{self, Given, OPTIONAL_IN_BODY as IN_BODY, Page, Sent},
};

/// The bytes are signed, and not what they mean.
#[test]
fn re_serialised_json_is_rejected() {
    use pages::{DISCORD, HUBSPOT_V3, LINEAR, PAYSTACK, SHOPIFY, STRIPE, ZOOM};

    for page in [SHOPIFY, ZOOM, PAYSTACK, STRIPE, DISCORD, LINEAR, HUBSPOT_V3] {
        let (given, mut sent) = genuine(&page);
        sent.body = BODY.replace(':', ": ").into();
        assert_eq!(page.verify(&given, &sent), Err(SignatureMismatch), "{}", page.name);
    }
}

/// `sha256=` is hex at GitHub, and base64 at X and Typeform.
#[test]
fn the_same_prefix_is_hex_here_and_base64_there() {
    let (given, sent) = genuine(&pages::X);
    let hex = Sent::new(&[("x-twitter-webhooks-signature", &format!("sha256={}", made("PANDADOC").1))], BODY);
    pages::X.accepts(&given, &sent);
    assert_eq!(pages::X.verify(&given, &hex), Err(MalformedSignature));
    let base64 = Sent::new(&[("x-hub-signature-256", &sent.headers[0].1)], BODY);
    assert_eq!(pages::GITHUB.verify(&given, &base64), Err(MalformedSignature));
}

/// Vercel is SHA-1 (other claims are in `claims`): a digest of another length is malformed.
#[test]
fn an_algorithm_is_not_taken_for_another() {
    let (given, _) = genuine(&pages::VERCEL);
    let sha256 = Sent::new(&[("x-vercel-signature", &made("PANDADOC").1)], BODY);
    assert_eq!(pages::VERCEL.verify(&given, &sha256), Err(MalformedSignature));
    let sha1 = Sent::new(&[("x-hub-signature-256", &format!("sha256={}", made("VERCEL").1))], BODY);
    assert_eq!(pages::GITHUB.verify(&given, &sha1), Err(MalformedSignature));
    // The request does not choose: Intercom's header with another name in front.
    let named = Sent::new(&[("x-hub-signature", &format!("sha256={}", made("PANDADOC").1))], BODY);
    assert_eq!(pages::INTERCOM.verify(&given, &named), Err(MalformedSignature));
}

/// Polar uses the framing of Standard Webhooks with a verbatim key; Stripe's `whsec_` belongs to the key.
#[test]
fn framing_and_key_are_independent() {
    let (polar, sent) = genuine(&pages::POLAR);
    assert_eq!(pages::STANDARD.verify(&polar, &sent), Err(SignatureMismatch));
    let (standard, sent) = genuine(&pages::STANDARD);
    assert_eq!(pages::POLAR.verify(&standard, &sent), Err(SignatureMismatch));
    let (mut stripe, sent) = genuine(&pages::STRIPE);
    stripe.secrets[0].drain(.."whsec_".len());
    assert_eq!(pages::STRIPE.verify(&stripe, &sent), Err(SignatureMismatch));
    // Supabase writes a version before the prefix, others no prefix.
    let (key, _) = made("STANDARD");
    for key in [format!("v1,{key}"), key["whsec_".len()..].to_owned(), key.trim_end_matches('=').to_owned()] {
        let (given, sent) = genuine(&pages::STANDARD);
        pages::STANDARD.accepts(&Given { secrets: vec![key.into()], ..given }, &sent);
    }
}

/// Mailgun: one signature block fits any event.
#[test]
fn mailguns_signature_does_not_cover_the_event() {
    let page = pages::MAILGUN;
    let (given, sent) = genuine(&page);
    let other = Sent::new(&[], mailgun(&made("MAILGUN").1, "a forged event"));
    assert_eq!(page.accepts(&given, &sent).trust, Trust::Unbound);
    assert_eq!(page.accepts(&given, &other).trust, Trust::Unbound);
    for (minimum, expected) in [
        (Trust::TokenOnly, Ok(())),
        (Trust::Unbound, Ok(())),
        (Trust::Confirmed, Err(InsufficientTrust)),
        (Trust::Signed, Err(InsufficientTrust)),
    ] {
        let given = Given { minimum: Some(minimum), ..given.clone() };
        assert_eq!(page.verify(&given, &sent).map(drop), expected, "{minimum:?}");
    }
    // Two readers must not see two signatures.
    let twice = mailgun(&made("MAILGUN").1, "opened").replacen("{\"token\"", "{\"token\":\"x\",\"token\"", 1);
    assert_eq!(page.verify(&given, &Sent::new(&[], twice)), Err(MalformedSignature));
    for body in ["", "{}", "[]", "no json", "{\"signature\":\"x\"}", "{\"signature\":{\"signature\":{}}}"] {
        assert!(page.verify(&given, &Sent::new(&[], body)).is_err(), "{body}");
    }
    assert_eq!(page.verify(&given, &Sent::new(&[], "{}")), Err(MissingSignature));
}

/// Braintree: a list in a form field, whose pairs have the public key of an account.
#[test]
fn any_signature_of_braintrees_pairs_may_match() {
    let page = pages::BRAINTREE;
    let (given, sent) = genuine(&page);
    let signature = made("BRAINTREE").1;
    let body = String::from_utf8(sent.body).unwrap();
    let verify = |body: String| page.verify(&given, &Sent::new(&[], body)).map(drop);
    assert_eq!(verify(body.replace("other%7C", "no-pair%26other%7C")), Ok(()));
    assert_eq!(verify(body.replace("%26public", "")), Err(MalformedSignature));
    assert_eq!(verify(body.replace(&signature, &"1".repeat(40))), Err(SignatureMismatch));
    assert_eq!(verify(body.replace("%0A", "")), Err(SignatureMismatch));
    assert_eq!(verify(format!("bt_signature={signature}&bt_payload=x")), Err(MalformedSignature));
    assert_eq!(verify(format!("{body}&bt_payload=x")), Err(MalformedSignature));
    assert_eq!(verify(format!("{body}&bt_signature=x")), Err(MalformedSignature));
    assert_eq!(verify(body.replace("bt_payload", "x")), Err(MissingField));
    assert_eq!(verify(body.replace("bt_signature", "x")), Err(MissingSignature));
    // The digest of the private key is the key, and no other form of it.
    let digest = Given::secret("a62f2225bf70bfaccbc7f1ef2a397836717377de");
    assert_eq!(page.verify(&digest, &Sent::new(&[], body)), Err(SignatureMismatch));
}

/// Braces and brackets to make a parser go deep, in a body that nobody has signed.
#[test]
fn an_unsigned_body_that_is_read_costs_no_stack() {
    for deep in ["[".repeat(1_000_000), "{\"signature\":".repeat(80_000), "{\"a\":[".repeat(100_000)] {
        let kind = pages::MAILGUN.verify(&genuine(&pages::MAILGUN).0, &Sent::new(&[], deep)).unwrap_err();
        assert!(matches!(kind, MalformedSignature | MissingSignature), "{kind:?}");
    }
}

/// HubSpot v1: SHA-256 without HMAC lets an attacker append.
#[test]
fn a_digest_without_hmac_is_unbound() {
    assert!(!pages::HUBSPOT_V1.scheme.covers_body() && !pages::HUBSPOT_V2.scheme.covers_body());
}

/// Twilio's order and percent-encoding are not signed, its fields are.
#[test]
fn twilios_form_is_signed_in_sorted_form() {
    let page = pages::TWILIO;
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    let given = Given::secret("12345").url(url);
    let sent = |body: &str| Sent::new(&[("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")], body);
    let body = "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309";
    for same in [
        body.to_owned(),
        body.replace("%2B", "%2b"),
        body.replace("Digits=1234", "Digits=%31234"),
        "To=%2B18005551212&Caller=%2B14158675309&CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309".to_owned(),
    ] {
        page.accepts(&given, &sent(&same));
    }
    for other in [
        body.replace("%2B", "+"),
        body.replace("1234&", "1235&"),
        format!("{body}&Extra="),
        format!("{body}&Digits=5"),
        "".to_owned(),
    ] {
        let expected = Err(SignatureMismatch);
        assert_eq!(page.verify(&given, &sent(&other)), expected, "{other}");
    }
    // The query of the request is nobody's word: the configured URL counts, with or without the standard port.
    page.accepts(&given, &sent(body).with_query("foo=2"));
    page.accepts(&Given::secret("12345").url("https://mycompany.com:443/myapp.php?foo=1&bar=2"), &sent(body));
    for url in ["https://mycompany.com:8443/myapp.php?foo=1&bar=2", "http://mycompany.com/myapp.php?foo=1&bar=2"] {
        assert_eq!(page.verify(&Given::secret("12345").url(url), &sent(body)), Err(SignatureMismatch), "{url}");
    }
}

/// Each field of a form that is sorted costs memory, before anything is verified.
#[test]
fn a_form_with_too_many_fields_is_not_sorted() {
    let given = Given::secret("12345").url("https://example.com/");
    let verify = |fields: usize| {
        let body = "a=1&".repeat(fields);
        let draft = countersign::provider::Draft::new(&body).with_url("https://example.com/");
        let proof = pages::TWILIO.scheme.sign(b"12345", draft).unwrap();
        pages::TWILIO.verify(&given, &Sent::new(&[("x-twilio-signature", proof.value())], body)).map(drop)
    };
    assert_eq!((verify(1024), verify(1025)), (Ok(()), Err(MalformedSignature)));
}

/// Twilio's JSON: the digest in the signed URL has to be that of the body.
#[test]
fn twilios_digest_binds_the_body() {
    let page = pages::TWILIO;
    let given = Given::secret("12345").url("https://mycompany.com/myapp.php?foo=1&bar=2");
    let digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    let sent = |body: &str, query: &str| {
        Sent::new(&[("x-twilio-signature", "a9nBmqA0ju/hNViExpshrM61xv4=")], body).with_query(query)
    };
    let body = "{\"property\": \"value\", \"boolean\": true}";
    let query = format!("bodySHA256={digest}");
    page.accepts(&given, &sent(body, &query));
    page.accepts(&given, &sent(body, &format!("foo=1&bar=2&{query}")));
    assert_eq!(page.verify(&given, &sent("{}", &query)), Err(SignatureMismatch));
    assert_eq!(page.verify(&given, &sent(body, "")), Err(SignatureMismatch));
    // A recorded form without its body: what was signed is not a digest.
    for query in [format!("{query}&{query}"), "bodySHA256=".to_owned(), format!("bodySHA256={digest}00")] {
        assert_eq!(page.verify(&given, &sent(body, &query)), Err(MissingField), "{query}");
    }
    let long = "bodySHA256=CallSidCA1234567890ABCDECaller+14158675309Digits1234From+1415867530";
    assert_eq!(page.verify(&given, &sent("", long)), Err(MissingField));
}

/// Mercado Pago leaves a part out whose source is missing.
#[test]
fn an_optional_part_is_left_out_with_its_texts() {
    let page = pages::MERCADO_PAGO;
    let (given, sent) = genuine(&page);
    assert_eq!(page.verify(&given, &sent.clone().with_query("")), Err(SignatureMismatch));
    assert_eq!(page.verify(&given, &sent.clone().with_query("data.id=124")), Err(SignatureMismatch));
    assert_eq!(page.verify(&given, &sent.clone().with_query("data.id=123&data.id=124")), Err(MissingField));
    // The same text, cut in another way: the ID of a recorded delivery would be another one.
    let mut moved = sent.clone().with_query("data.id=123%3Brequest-id:r-1");
    moved.headers.retain(|(name, _)| name != "x-request-id");
    assert_eq!(page.verify(&given, &moved), Err(MissingField));
    let body = r#"{"a":"1;b:2"}"#;
    let proof = IN_BODY.scheme.sign(b"key", r#"{"a":"1","b":"2"}"#).unwrap();
    let (name, value) = proof.headers().next().unwrap();
    let given = Given::secret("key").at(0);
    IN_BODY.accepts(&given, &Sent::new(&[(name, value)], r#"{"a":"1","b":"2"}"#));
    assert_eq!(IN_BODY.verify(&given, &Sent::new(&[(name, value)], body)), Err(MissingField));
    let draft = countersign::provider::Draft::new("{}").at(std::time::UNIX_EPOCH);
    let proof = page.scheme.sign(b"key", draft).unwrap();
    let (name, value) = proof.headers().next().unwrap();
    page.accepts(&Given::secret("key").at(0), &Sent::new(&[(name, value)], "{}"));
}

/// An ID that is signed has to be there, once.
#[test]
fn a_signed_id_is_there_once() {
    let page = pages::STANDARD;
    let (given, sent) = genuine(&page);
    let mut missing = sent.clone();
    missing.headers.remove(0);
    assert_eq!(page.verify(&given, &missing), Err(MissingField));
    let mut twice = sent.clone();
    twice.headers.push(sent.headers[0].clone());
    assert_eq!(page.verify(&given, &twice), Err(MissingField));
    for value in ["", "msg_2b.", "msg_2c"] {
        let mut changed = sent.clone();
        changed.headers[0].1 = value.to_owned();
        assert!(page.verify(&given, &changed).is_err(), "{value}");
    }
}

/// No digit moves from the ID to the time, nor from the time to the body.
#[test]
fn what_stands_side_by_side_is_not_moved() {
    let (given, sent) = genuine(&pages::STANDARD);
    for (id, time) in [("msg_2b.1614265330", ""), ("msg_2b.161426", "5330"), ("msg_2", "b.1614265330")] {
        let mut moved = sent.clone();
        (moved.headers[0].1, moved.headers[1].1) = (id.to_owned(), time.to_owned());
        assert!(pages::STANDARD.verify(&given, &moved).is_err(), "{id}");
    }
    let (given, sent) = genuine(&pages::DISCORD);
    let mut moved = sent.clone();
    moved.headers[1].1 = "16142653".to_owned();
    moved.body = [b"30", &sent.body[..]].concat();
    // The text is the same, the time is not.
    assert_eq!(pages::DISCORD.verify(&given, &moved), Err(MalformedTimestamp));
}

/// Where any time is accepted, nothing but its length shows where it ends: a recorded signature would fit ten bodies
/// of SendGrid's, and come with ten tokens of Mailgun's.
#[test]
fn a_time_beside_a_value_has_one_length() {
    let (given, sent) = genuine(&pages::SENDGRID);
    for time in ["1", "161426533"] {
        let mut moved = sent.clone();
        moved.headers[1].1 = time.to_owned();
        moved.body = [&"1614265330".as_bytes()[time.len()..], &sent.body].concat();
        assert_eq!(pages::SENDGRID.verify(&given, &moved), Err(MalformedTimestamp), "{time}");
    }
    let (given, _) = genuine(&pages::MAILGUN);
    for (time, token) in [("1614265330", "token-1"), ("161426533", "0token-1"), ("1", "614265330token-1")] {
        let body = mailgun(&made("MAILGUN").1, "opened").replace("token-1", token).replace("1614265330", time);
        // The token has digits of the time: it is replaced last.
        let body = if token == "614265330token-1" { body.replace("1614265330token-1", token) } else { body };
        let expected = if token == "token-1" { Ok(()) } else { Err(MalformedTimestamp) };
        assert_eq!(pages::MAILGUN.verify(&given, &Sent::new(&[], body)).map(drop), expected, "{token}");
    }
    // In milliseconds, and behind the body.
    let (given, sent) = genuine(&pages::RETELL_AI);
    let mut moved = sent.clone();
    moved.body.push(b'1');
    moved.headers[0].1 = sent.headers[0].1.replace("v=1614265330123", "v=614265330123");
    assert_eq!(pages::RETELL_AI.verify(&given, &moved), Err(MalformedTimestamp));
}

/// A recorded digest of Twilio's is not a form: it would be another delivery, with another body.
#[test]
fn twilios_digest_is_not_taken_for_a_field() {
    let digest = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    for (url, signature, mark) in [
        ("https://mycompany.com/myapp.php?foo=1&bar=2", "a9nBmqA0ju/hNViExpshrM61xv4=", "%26"),
        ("https://mycompany.com/myapp.php?foo=1&bar=2", "a9nBmqA0ju/hNViExpshrM61xv4=", "=%26"),
    ] {
        let body = format!("{mark}bodySHA256%3D{digest}");
        let sent = Sent::new(&[("x-twilio-signature", signature)], body);
        assert_eq!(pages::TWILIO.verify(&Given::secret("12345").url(url), &sent), Err(MalformedSignature), "{mark}");
    }
}

/// Credentials: in a header, behind a word, in the body.
#[test]
fn a_token_is_at_its_place_once() {
    let bearer = |value: &str| Sent::new(&[("authorization", value)], "{}");
    let json = |body: &str| Sent::new(&[], body);
    let cases: &[(Page, Sent, Result<(), _>)] = &[
        (pages::GITLAB_TOKEN, Sent::new(&[("x-gitlab-token", "t0ken")], "{}"), Ok(())),
        (pages::GITLAB_TOKEN, Sent::new(&[("x-gitlab-token", "t0kens")], "{}"), Err(TokenMismatch)),
        (pages::GITLAB_TOKEN, Sent::new(&[("x-gitlab-token", "")], "{}"), Err(TokenMismatch)),
        (pages::GITLAB_TOKEN, Sent::new(&[], "{}"), Err(MissingToken)),
        (
            pages::GITLAB_TOKEN,
            Sent::new(&[("x-gitlab-token", "t0ken"), ("x-gitlab-token", "t0ken")], "{}"),
            Err(MalformedToken),
        ),
        (pages::CLOUDEVENTS, bearer("Bearer t0ken"), Ok(())),
        (pages::CLOUDEVENTS, bearer("bearer t0ken"), Ok(())),
        (pages::CLOUDEVENTS, bearer("t0ken"), Err(MissingToken)),
        (pages::CLOUDEVENTS, bearer("Basic t0ken"), Err(MissingToken)),
        (pages::CLOUDEVENTS, bearer("Bearer t0ken,x"), Err(TokenMismatch)),
        (pages::TELEGRAM, Sent::new(&[("x-telegram-bot-api-secret-token", "t0ken")], "{}"), Ok(())),
        // The name is chosen: `Authorization`, or another one.
        (pages::OKTA, Sent::new(&[("authorization", "t0ken")], "{}"), Ok(())),
        (pages::OKTA, bearer("Bearer t0ken"), Err(TokenMismatch)),
        (pages::ASSEMBLYAI, Sent::new(&[("authorization", "t0ken")], "{}"), Ok(())),
        (pages::ASSEMBLYAI, Sent::new(&[("x-secret", "t0ken")], "{}"), Err(MissingToken)),
        (pages::ASSEMBLYAI_NAMED, Sent::new(&[("x-secret", "t0ken")], "{}"), Ok(())),
        (pages::ASSEMBLYAI_NAMED, Sent::new(&[("authorization", "t0ken")], "{}"), Err(MissingToken)),
        (pages::AZURE_EVENT_GRID, json("[]").with_query("code=t0ken"), Ok(())),
        (pages::AZURE_EVENT_GRID, json("[]").with_query("token=t0ken"), Err(MissingToken)),
        (pages::FIGMA, json(r#"{"passcode":"t0ken","x":1}"#), Ok(())),
        (pages::FIGMA, json(r#"{"passcode":"t\u0030ken"}"#), Ok(())),
        (pages::FIGMA, json(r#"{"passcode":"x"}"#), Err(TokenMismatch)),
        (pages::FIGMA, json(r#"{"passcode":null}"#), Err(MissingToken)),
        (pages::FIGMA, json(r#"{"passcode":"x","passcode":"t0ken"}"#), Err(MalformedToken)),
        (pages::FIGMA, json("t0ken"), Err(MalformedToken)),
        (pages::FORM_TOKEN, json("a=1&token=t%30ken"), Ok(())),
        (pages::FORM_TOKEN, json("token=t0ken&token=t0ken"), Err(MalformedToken)),
        (pages::FORM_TOKEN, json("Token=t0ken"), Err(MissingToken)),
    ];
    for (page, sent, expected) in cases {
        let answer = page.verify(&Given::secret("t0ken"), sent);
        assert_eq!(answer.map(|found| assert_eq!(found.trust, Trust::TokenOnly)), *expected, "{}: {sent:?}", page.name);
    }
}

/// Postmark signs nothing, whatever a Rust crate says: basic authentication.
#[test]
fn basic_authentication_is_a_name_and_a_password() {
    let given = Given::secret("user:pa:ss");
    let dashboards = Sent::new(&[("authorization", "Basic dXNlcjpwYTpzcw==")], "{}");
    assert_eq!(pages::CHARGEBEE.accepts(&given, &dashboards).trust, Trust::TokenOnly);
    let with = |value: &str| pages::POSTMARK.verify(&given, &Sent::new(&[("authorization", value)], "{}")).map(drop);
    // printf user:pa:ss | base64
    assert_eq!(with("Basic dXNlcjpwYTpzcw=="), Ok(()));
    assert_eq!(with("basic dXNlcjpwYTpzcw=="), Ok(()));
    assert_eq!(with("Basic dXNlcjpwYTpzcw"), Err(MalformedToken));
    assert_eq!(with("Basic dXNlcjpwYTpzcx=="), Err(MalformedToken));
    assert_eq!(with("Basic dXNlcjpwYQ=="), Err(TokenMismatch));
    assert_eq!(with("Basic user:pa:ss"), Err(MalformedToken));
    assert_eq!(with("dXNlcjpwYTpzcw=="), Err(MissingToken));
    let signed = Sent::new(&[("x-postmark-signature", "x")], "{}");
    assert_eq!(pages::POSTMARK.verify(&given, &signed), Err(MissingToken));
}

/// Fields in a batch: the path names one item.
#[test]
fn a_path_can_name_an_item_of_an_array() {
    use countersign::provider::{Scheme, grammar::*};

    const ITEM: Scheme = Scheme::signed(HmacSha256, json("notificationItems.0.Item.signature"), Base64).over(&[
        Field(json("notificationItems.0.Item.id")),
        Text(":"),
        Field(json("notificationItems.0.Item.value")),
    ]);
    let body = r#"{"notificationItems":[{"Item":{"id":"7","value":10.50}},{"Item":{"id":"8"}}]}"#;
    let proof = ITEM.sign(b"key", body).unwrap();
    // printf 7:10.50 | openssl dgst -sha256 -hmac key -binary | base64
    assert_eq!(proof.value(), "9vhWk7F3NTh2qaF7puvxqIayeS3YZK2HWfehy79WhiQ=");
}
