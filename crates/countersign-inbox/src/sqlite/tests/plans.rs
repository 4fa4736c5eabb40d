//! Statements that are run for each delivery go by an index, however many rows there are.

use super::{
    super::{claim, filter, insert, line, recover, settle, sweep, turns},
    Place,
};

#[test]
fn no_statement_reads_the_table() {
    let place = Place::new();
    let _store = place.open();
    let sql = place.sql();
    let statements = [
        claim::ALONE.to_owned(),
        claim::SUSPECTS.to_owned(),
        claim::DUE.to_owned(),
        claim::CLAIM.to_owned(),
        claim::claimed_row(),
        claim::SUSPECTS_DUE.to_owned(),
        claim::NEXT_PROVIDER.to_owned(),
        turns::NEXT_TENANT.to_owned(),
        turns::OF_TENANT.to_owned(),
        insert::INSERT.to_owned(),
        insert::KNOWN.to_owned(),
        line::RELEASE.to_owned(),
        line::HOLD.to_owned(),
        settle::RENEW.to_owned(),
        settle::HELD.to_owned(),
        settle::NO_BODY.to_owned(),
        settle::REMOVE_BODY.to_owned(),
        settle::retry(),
        settle::returned(),
        recover::ORPHANS.to_owned(),
        recover::put_back(),
        sweep::BODIES.to_owned(),
        sweep::DONE.to_owned(),
        sweep::DEAD.to_owned(),
        sweep::REMOVE.to_owned(),
        filter::OLDEST.to_owned(),
    ];
    for statement in statements {
        let mut explained = sql.prepare(&format!("EXPLAIN QUERY PLAN {statement}")).unwrap();
        let values = vec![rusqlite::types::Null; explained.parameter_count()];
        let steps = explained.query_map(rusqlite::params_from_iter(values), |row| row.get(3)).unwrap();
        for step in steps.collect::<Result<Vec<String>, _>>().unwrap() {
            let is_by_index = ["SEARCH", "SCALAR", "CORRELATED"].iter().any(|word| step.starts_with(word));
            // These hold only what is claimed, suspect or open.
            let is_short = ["_leases", "_suspects", "_line"].iter().any(|index| {
                step.starts_with("SCAN") && (step.ends_with(index) || step.contains(&format!("{index} ")))
            });
            assert!(is_by_index || is_short, "{step}\n{statement}");
        }
    }
}

#[test]
fn the_file_is_as_durable_and_as_forgetful_as_it_has_to_be() {
    let place = Place::new();
    let connection = super::super::connection::writing(&place.path()).unwrap();
    for (pragma, expected) in [
        ("synchronous", 2), // FULL
        ("secure_delete", 1),
        ("auto_vacuum", 2), // INCREMENTAL
        ("foreign_keys", 1),
        ("trusted_schema", 0),
        ("temp_store", 2), // in memory
        ("wal_autocheckpoint", 4_000),
    ] {
        let found: i64 = connection.pragma_query_value(None, pragma, |row| row.get(0)).unwrap();
        assert_eq!(found, expected, "{pragma}");
    }
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}
