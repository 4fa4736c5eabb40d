//! The token's way through the query.

use super::*;
use crate::{scheme::Scheme, secret::Secret};

const TOKEN: Scheme = Scheme::url_token("token");

fn secret(bytes: impl Into<Vec<u8>>) -> Secret {
    Secret::new(bytes).expect("not empty")
}

fn check(tokens: &Tokens, query: Option<&str>) -> Result<usize, RejectionKind> {
    tokens.verify(&read(query, "token")?).ok_or(RejectionKind::TokenMismatch)
}

fn verify(query: Option<&str>) -> Result<usize, RejectionKind> {
    let secrets = Secrets::new(secret("t+k n/é")).add_previous(secret(vec![0xff, b'a']));
    check(&Tokens::new(&secrets), query)
}

#[test]
fn a_token_is_percent_decoded_and_a_plus_is_a_plus() {
    assert_eq!(verify(Some("token=t+k%20n/%C3%A9")), Ok(0));
    assert_eq!(verify(Some("token=t%2Bk%20n%2f%c3%a9")), Ok(0));
    assert_eq!(verify(Some("a=1&token=t+k%20n/%C3%A9&b=2")), Ok(0));
    assert_eq!(verify(Some("token=t%20k%20n/%C3%A9")), Err(RejectionKind::TokenMismatch));
    assert_eq!(verify(Some("token=t+k+n/%C3%A9")), Err(RejectionKind::TokenMismatch));
    // Not UTF-8, compared as bytes.
    assert_eq!(verify(Some("token=%FFa")), Ok(1));
    assert_eq!(verify(Some("token=%EF%BF%BDa")), Err(RejectionKind::TokenMismatch));
}

#[test]
fn the_first_of_equal_tokens_is_the_one_reported() {
    let secrets = Secrets::new(secret("a")).add_previous(secret("b")).add_previous(secret("b"));
    let position = |query| check(&Tokens::new(&secrets), Some(query));
    assert_eq!(position("token=a"), Ok(0));
    assert_eq!(position("token=b"), Ok(1));
    assert_eq!(position("token=c"), Err(RejectionKind::TokenMismatch));
}

/// T8: exactly one, under exactly its name.
#[test]
fn t8_the_token_is_there_once() {
    const RIGHT: &str = "token=%FFa";
    assert_eq!(verify(None), Err(RejectionKind::MissingToken));
    assert_eq!(verify(Some("")), Err(RejectionKind::MissingToken));
    for query in
        ["Token=%FFa", "tokens=%FFa", "token%20=%FFa", "token[]=%FFa", " token=%FFa", "x;token=%FFa", "TOKEN=%FFa"]
    {
        assert_eq!(verify(Some(query)), Err(RejectionKind::MissingToken), "{query}");
    }
    for other in ["token", "token=", "token=x", RIGHT, "%74oken=%FFa", "t%6Fken=x", "%74%6f%6B%65%6e"] {
        for query in [format!("{RIGHT}&{other}"), format!("{other}&{RIGHT}"), format!("{other}&a=b&{RIGHT}")] {
            assert_eq!(verify(Some(&query)), Err(RejectionKind::MalformedToken), "{query}");
        }
    }
    assert_eq!(verify(Some("%74oken=%FFa")), Err(RejectionKind::MalformedToken));
    for query in ["token", "token=", "token=%", "token=%F", "token=%zz", "token=%FFa%", "token=%FFa=", "token=%FF%00a"]
    {
        assert_eq!(verify(Some(query)), Err(RejectionKind::TokenMismatch), "{query}");
    }
}

proptest::proptest! {
    #[test]
    fn t19_no_spelling_is_left(query in "((token|%74oken|a|b%20)(=[a-z%0-9+]{0,6})?&?){0,6}") {
        let before = format!("/hook?{query}");
        let left = TOKEN.conceal(&before).unwrap_or(before);
        proptest::prop_assert_eq!(TOKEN.conceal(&left), None);
        let query = left.split_once('?').map(|(_, query)| query);
        proptest::prop_assert_eq!(verify(query), Err(RejectionKind::MissingToken));
    }

    #[test]
    fn any_token_is_found_again(token in proptest::collection::vec(proptest::num::u8::ANY, 1..40)) {
        let encoded = percent_encoding::percent_encode(&token, percent_encoding::NON_ALPHANUMERIC).to_string();
        let tokens = Tokens::new(&Secrets::new(secret(token)));
        let query = format!("token={encoded}");
        proptest::prop_assert!(check(&tokens, Some(&query)).is_ok());
    }
}
