//! The map that is ready to use, filled and emptied while deliveries come.

use std::{thread, time::Duration};

use countersign::{Secret, Secrets};

use crate::{
    case::{Case, scan},
    servers::Server,
};

const MINUTE: Duration = Duration::from_secs(60);

fn secret(text: &str) -> Secret {
    Secret::new(text).expect("a secret")
}

fn delivery(case: &Case<'_>, id: &str) -> crate::support::http::Request {
    case.proven_with(&format!("secret of {id}"), scan(id))
}

pub(crate) fn scans_are_known_from_when_they_are_inserted_until_they_are_removed(server: &Server) {
    let case = Case::new(server, "geoscored", "/secret-map/removed");
    let secrets = &server.shared.secrets;
    let documented = case.documented();
    case.rejects(&documented);
    secrets.insert("abc123", secret(&case.sender.secret())).expect("room");
    assert_eq!(case.accepts(&documented).id, "abc123");

    let request = delivery(&case, "map-1");
    case.rejects(&request);
    secrets.insert("map-1", secret("secret of map-1")).expect("room");
    assert_eq!(case.accepts(&request).id, "map-1");
    case.rejects(&case.proven_with("secret of map-1", scan("map-2")));
    case.rejects(&case.proven_with("secret of map-1", r#"{"event":"scan.completed"}"#));

    let both = Secrets::new(secret("a newer one")).add_previous(secret("secret of map-1"));
    secrets.insert("map-1", both).expect("room");
    assert_eq!(case.accepts(&request).secret, 1);
    assert_eq!(case.accepts(&case.proven_with("a newer one", scan("map-1"))).secret, 0);
    secrets.insert("map-1", secret("a newer one")).expect("room");
    case.rejects(&request);

    assert!(secrets.remove("map-1"));
    case.rejects(&case.proven_with("a newer one", scan("map-1")));
    assert!(secrets.remove("abc123"));
    case.rejects(&documented);
}

/// A retry whose 2xx was lost still verifies, for as long as the handler asked for.
pub(crate) fn i2_a_retry_is_verified_until_its_secret_leaves(server: &Server) {
    let case = Case::new(server, "geoscored", "/expiring-map/leaving");
    let secrets = &server.shared.expiring;
    let pass = |time: Duration| server.shared.clock.advance(time);

    for id in ["leaving", "expiring"] {
        secrets.insert(id, secret(&format!("secret of {id}"))).expect("room");
        case.accepts(&delivery(&case, id));
    }
    assert!(secrets.remove_after("leaving", 90 * MINUTE), "longer than it would be kept anyway");
    pass(59 * MINUTE);
    case.accepts(&delivery(&case, "leaving"));
    case.accepts(&delivery(&case, "expiring"));
    // A replayed delivery does not keep its secret alive.
    assert!(secrets.remove_after("leaving", 90 * MINUTE));
    pass(MINUTE);
    case.accepts(&delivery(&case, "leaving"));
    case.rejects(&delivery(&case, "expiring"));
    pass(29 * MINUTE);
    case.accepts(&delivery(&case, "leaving"));
    pass(MINUTE);
    case.rejects(&delivery(&case, "leaving"));
    assert!(secrets.is_empty());
}

pub(crate) fn scans_are_inserted_and_removed_while_deliveries_come(server: &Server) {
    let secrets = &server.shared.secrets;
    thread::scope(|scope| {
        for worker in 0..4 {
            scope.spawn(move || {
                let case = Case::new(server, "geoscored", format!("/secret-map/worker-{worker}"));
                for number in 0..25 {
                    let id = format!("worker-{worker}-{number}");
                    secrets.insert(&*id, secret(&format!("secret of {id}"))).expect("room");
                    assert_eq!(case.accepts(&delivery(&case, &id)).id, id);
                    assert!(secrets.remove(&id));
                    case.rejects(&delivery(&case, &id));
                }
            });
        }
    });
}
