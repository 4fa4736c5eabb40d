//! Accounts: whose secret matched, and what tells accounts apart.

use super::*;

fn secret(text: &'static str) -> Secret {
    Secret::from_static(text)
}

fn account(secrets: &Secrets, position: usize) -> Fingerprint {
    secrets.matched(position).unwrap().account().unwrap()
}

fn tenants(secrets: &Secrets) -> Vec<Option<String>> {
    (0..).map_while(|position| secrets.matched(position)).map(|matched| matched.tenant().map(str::to_owned)).collect()
}

#[test]
fn an_account_is_that_of_its_oldest_secret() {
    let before = Secrets::new(secret("k1"));
    let rotating = Secrets::new(secret("k2")).add_previous(secret("k1"));
    let again = Secrets::new(secret("k3")).add_previous(secret("k2")).add_previous(secret("k1"));
    let after = Secrets::new(secret("k2"));
    let k1 = account(&before, 0);
    assert!([account(&rotating, 0), account(&rotating, 1)].iter().all(|account| *account == k1));
    assert!((0..3).all(|position| account(&again, position) == k1));
    assert!(account(&after, 0) != k1);
    // Also if it was asked for in between.
    rotating.prepare();
    assert!(account(&rotating.clone().add_previous(secret("k0")), 0) == Fingerprint::of(&secret("k0")));
}

#[test]
fn another_account_has_its_own_predecessors() {
    let secrets = Secrets::new(secret("a2").with_label("a2"))
        .add_previous(secret("a1"))
        .add(secret("b2"))
        .add_previous(secret("b1").with_label("b1"))
        .add(secret("c1"));
    assert_eq!(secrets.iter().count(), 5);
    let found: Vec<_> = (0..5).map(|position| secrets.matched(position).unwrap()).collect();
    assert_eq!(found.iter().map(MatchedSecret::is_current).collect::<Vec<_>>(), [true, false, true, false, true]);
    assert_eq!(found.iter().map(MatchedSecret::position).collect::<Vec<_>>(), [0, 1, 2, 3, 4]);
    assert_eq!((found[0].label(), found[3].label(), found[4].label()), (Some("a2"), Some("b1"), None));
    let oldest = ["a1", "a1", "b1", "b1", "c1"].map(|text| Fingerprint::of(&secret(text)));
    assert!(found.iter().filter_map(MatchedSecret::account).eq(oldest));
    assert!(secrets.matched(5).is_none() && secrets.matched(usize::MAX).is_none());
}

#[test]
fn c13_a_tenant_is_that_of_the_secret_or_of_its_account_or_of_all() {
    let of = |tenant: &str| Some(tenant.to_owned());
    let secrets = || {
        Secrets::new(secret("a2").with_tenant("alice"))
            .add_previous(secret("a1"))
            .add(secret("b2"))
            .add_previous(secret("b1").with_tenant("bob"))
            .add(secret("c1"))
    };
    assert_eq!(tenants(&secrets()), [of("alice"), of("alice"), of("bob"), of("bob"), None]);
    let all = secrets().with_tenant("carol");
    assert_eq!(tenants(&all), [of("alice"), of("alice"), of("bob"), of("bob"), of("carol")]);
    // "Previous" is the wrong word for a second account: what each says of itself counts.
    let misused = Secrets::new(secret("a").with_tenant("alice")).add_previous(secret("b").with_tenant("bob"));
    assert_eq!(tenants(&misused), [of("alice"), of("bob")]);
}

#[test]
fn t19_debug_shows_no_fingerprint() {
    let secrets = Secrets::new(secret("a").with_label("l").with_tenant("t")).add(secret("b"));
    secrets.prepare();
    assert_eq!(
        format!("{secrets:?}"),
        r#"Secrets { current: Secret([redacted], label: "l", tenant: "t"), previous: [], current: Secret([redacted]), previous: [], tenant: None }"#
    );
    let matched = r#"MatchedSecret { position: 0, label: Some("l"), tenant: Some("t") }"#;
    assert_eq!(format!("{:?}", secrets.matched(0).unwrap()), matched);
}
