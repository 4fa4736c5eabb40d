//! Your own provider is short and uses only public API. That this package compiles shows the rest.

#![allow(clippy::arithmetic_side_effects, clippy::expect_used, reason = "tests fail by panicking")]

const EXAMPLE: &str = include_str!("../src/main.rs");

/// Returns the source from the doc line of `enum Acme {}` to the end of `struct Order`.
fn page() -> &'static str {
    let start = EXAMPLE.find("/// Acme's webhooks.\nenum Acme {}").expect("the provider");
    let structure = EXAMPLE.find("\nstruct Order {").expect("the payload");
    let end = structure + EXAMPLE[structure..].find("\n}\n").expect("its end") + "\n}\n".len();
    &EXAMPLE[start..end]
}

#[test]
fn your_own_provider_is_less_than_forty_lines() {
    let page = page();
    for part in
        ["impl Provider for Acme", "events! {", "\"order.paid\" => OrderPaid(Order) at order_id", "struct Order"]
    {
        assert!(page.contains(part), "{part} is part of {page}");
    }
    let lines = page.lines().count();
    assert!(lines < 40, "{lines} lines:\n{page}");
}

#[test]
fn your_own_provider_uses_only_public_api() {
    assert!(!EXAMPLE.contains("__"), "names that start with `__` are not public API");
    let hidden = ["countersign_core", "countersign_tower", "countersign_actix", "unsafe"];
    for word in hidden {
        assert!(!EXAMPLE.contains(word), "the facade is enough: {word} is not needed");
    }
}
