//! Several signatures at once, and several schemes.

use countersign::{
    RejectionKind::{InsufficientTrust, MalformedSignature, MissingSignature, SignatureMismatch, TokenMismatch},
    Trust,
};

use super::{
    openssl::{BODY, genuine, made},
    pages::{self, Given, Page, Sent},
};

type Headers = Vec<(&'static str, String)>;

const WRONG: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const WRONG_BASE64: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// The five shapes in which providers send several signatures.
#[test]
fn any_of_several_signatures_may_match() {
    let hex = made("PANDADOC").1;
    let base64 = made("DOCUSIGN").1;
    let stripe = made("STRIPE").1;
    let shapes: &[(Page, Vec<Headers>)] = &[
        // Items of a list.
        (
            pages::STRIPE,
            vec![
                vec![("stripe-signature", format!("t=1614265330,v1={WRONG},v1={stripe}"))],
                vec![("stripe-signature", format!("v1={stripe},v1={WRONG},t=1614265330,v0=x"))],
                vec![("stripe-signature", format!("v1=,v1=zz,v1={WRONG}, v1={stripe} ,t=1614265330"))],
            ],
        ),
        // A repeated header, which a proxy may join.
        (
            pages::MOLLIE,
            vec![
                vec![("x-mollie-signature", format!("sha256={hex}"))],
                vec![
                    ("x-mollie-signature", format!("sha256={WRONG}")),
                    ("x-mollie-signature", format!("sha256={hex}")),
                ],
                vec![("x-mollie-signature", format!("sha256={hex}, sha256={WRONG}"))],
            ],
        ),
        // Numbered headers.
        (
            pages::DOCUSIGN,
            vec![
                vec![("x-docusign-signature-1", base64.clone())],
                vec![("x-docusign-signature-2", WRONG_BASE64.into()), ("x-docusign-signature-17", base64.clone())],
            ],
        ),
        // Items without keys.
        (pages::RECURLY, vec![vec![("recurly-signature", format!("1614265330123,{WRONG},{}", made("RECURLY").1))]]),
    ];
    for (page, heads) in shapes {
        for head in heads {
            let headers: Vec<_> = head.iter().map(|(name, value)| (*name, value.as_str())).collect();
            page.accepts(&genuine(page).0, &Sent::new(&headers, BODY));
        }
    }
    // Two fixed headers: either may be missing, and not both.
    let time = ("box-delivery-timestamp", "2020-01-01T00:00:00-07:00");
    let draft = countersign::provider::Draft::new("{}").at(std::time::UNIX_EPOCH);
    let proof = pages::BOX.scheme.sign(b"key", draft).unwrap();
    let (given, value) = (Given::secret("key").at(0), proof.value());
    let time = ("box-delivery-timestamp", proof.headers().find(|(name, _)| *name == time.0).unwrap().1);
    for headers in [
        vec![("box-signature-primary", value)],
        vec![("box-signature-secondary", value)],
        vec![("box-signature-primary", WRONG_BASE64), ("box-signature-secondary", value)],
        vec![("box-signature-primary", "malformed"), ("box-signature-secondary", value)],
    ] {
        pages::BOX.accepts(&given, &Sent::new(&[headers, vec![time]].concat(), "{}"));
    }
    assert_eq!(pages::BOX.verify(&given, &Sent::new(&[time], "{}")), Err(MissingSignature));
}

/// Unknown versions are skipped, not rejected: alone, they are no signature.
#[test]
fn unknown_versions_are_skipped() {
    let (given, sent) = genuine(&pages::STANDARD);
    let with = |value: String| {
        let mut sent = sent.clone();
        sent.headers[2].1 = value;
        pages::STANDARD.verify(&given, &sent).map(drop)
    };
    let right = format!("v1,{}", made("STANDARD").1);
    for value in [
        format!("v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg== {right}"),
        format!("v2,x {right}"),
        format!("{right} v1,x"),
        format!("v1,{WRONG_BASE64} {right}"),
        // Supabase joins them with a comma and a blank.
        format!("v1,{WRONG_BASE64}, {right}"),
        format!("{right}, v1,{WRONG_BASE64}"),
    ] {
        assert_eq!(with(value.clone()), Ok(()), "{value}");
    }
    for (value, expected) in [
        ("v1a,x".to_owned(), MissingSignature),
        ("v2,x v3,x".to_owned(), MissingSignature),
        // CVE-2024-21491: an empty signature is not the start of a right one.
        ("v1,".to_owned(), MalformedSignature),
        ("v1,AAAA".to_owned(), MalformedSignature),
        (right[3..].to_owned(), MissingSignature),
        (format!("v1,{WRONG_BASE64}"), SignatureMismatch),
        (right.replace("v1,", "V1,"), MissingSignature),
    ] {
        assert_eq!(with(value.clone()), Err(expected), "{value}");
    }
}

/// At most eight are tried, and the rest costs nothing.
#[test]
fn at_most_eight_signatures_are_tried() {
    let (given, sent) = genuine(&pages::STRIPE);
    let with = |wrong: usize| {
        let list = format!("t=1614265330{},v1={}", format!(",v1={WRONG}").repeat(wrong), made("STRIPE").1);
        let sent = Sent::new(&[("stripe-signature", &list)], sent.body.clone());
        pages::STRIPE.verify(&given, &sent).map(drop)
    };
    assert_eq!((with(7), with(8), with(500)), (Ok(()), Err(SignatureMismatch), Err(SignatureMismatch)));
}

/// GitLab: a token is accepted if it is listed, and never instead of a signature.
#[test]
fn a_weaker_scheme_is_tried_only_without_a_proof_of_the_stronger() {
    let (mut given, sent) = genuine(&pages::STANDARD);
    given = given.also("t0ken");
    let page = pages::GITLAB;
    let with = |headers: &[(&str, &str)]| {
        let mut sent = sent.clone();
        sent.headers.retain(|(name, _)| !headers.iter().any(|(other, _)| other == name));
        sent.headers.extend(
            headers
                .iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        page.verify(&given, &sent)
    };
    assert_eq!(with(&[]).unwrap().trust, Trust::Signed);
    let token = with(&[("webhook-signature", ""), ("x-gitlab-token", "t0ken")]).unwrap();
    assert_eq!((token.trust, token.position), (Trust::TokenOnly, 1));
    assert_eq!(with(&[("webhook-signature", ""), ("x-gitlab-token", "guess")]), Err(TokenMismatch));
    assert_eq!(with(&[("webhook-signature", "")]), Err(MissingSignature));
    // A wrong signature is not made good by a token.
    let wrong = format!("v1,{WRONG_BASE64}");
    assert_eq!(with(&[("webhook-signature", &wrong), ("x-gitlab-token", "t0ken")]), Err(SignatureMismatch));
    assert_eq!(with(&[("webhook-signature", "v1,x"), ("x-gitlab-token", "t0ken")]), Err(MalformedSignature));
    // A repeated one neither.
    let mut twice = sent.clone();
    twice.headers.push(twice.headers[2].clone());
    twice.headers.push(("x-gitlab-token".to_owned(), "t0ken".to_owned()));
    assert_eq!(page.verify(&given, &twice), Err(MalformedSignature));

    // A route can demand the signature.
    let demanding = Given { minimum: Some(Trust::Signed), ..given.clone() };
    assert!(page.verify(&demanding, &sent).is_ok());
    let mut token_only = sent.clone();
    token_only.headers = vec![("x-gitlab-token".to_owned(), "t0ken".to_owned())];
    assert_eq!(page.verify(&demanding, &token_only), Err(InsufficientTrust));
    assert!(page.verify(&given, &token_only).is_ok());

    // With the token alone, no signature is right, and with the signing secret alone, it is a token too.
    let only_token = Given::secret("t0ken%").at(1_614_265_330_500);
    assert_eq!(page.verify(&only_token, &sent), Err(SignatureMismatch));
}

/// A list without our member may be read in the wrong way: the log says so.
#[test]
fn a_list_without_the_member_is_told_from_no_list() {
    use countersign::{Verifier, providers::Stripe};

    let verifier = Verifier::<Stripe>::new("s3cr3t");
    let rejection = |head: http::request::Builder| verifier.verify(&head.body(()).unwrap(), "{}").unwrap_err();
    let other = rejection(http::Request::post("/").header("stripe-signature", format!("t=1,v0={WRONG}")));
    assert_eq!(other.kind(), MissingSignature);
    assert_eq!(
        other.detail().unwrap().to_string(),
        "`v1` in the header `stripe-signature` is missing, although the header is there"
    );
    let none = rejection(http::Request::post("/"));
    assert_eq!((none.kind(), none.detail()), (MissingSignature, None));
}
