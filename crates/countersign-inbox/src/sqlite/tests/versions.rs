//! What each version of the tables wrote, and the newest one reads.

use super::{Place, contract, number};
use crate::sqlite::migrations;

/// What a store of each version wrote. Those of released versions never change.
const VERSIONS: [&str; 1] = [include_str!("versions/1.sql")];

#[tokio::test]
async fn what_each_version_wrote_is_read_by_the_newest() {
    assert_eq!(
        VERSIONS.len(),
        migrations().len(),
        "run `write_what_the_newest_version_writes`, and name its file here"
    );
    for (version, written) in (1..).zip(VERSIONS) {
        let migrations = migrations().into_iter().take(version).collect::<String>();
        assert!(
            written.starts_with(&migrations),
            "version {version} was released, and a change of it is another version"
        );
        let place = Place::new();
        place.sql().execute_batch(written).unwrap();
        contract::migrated(place.open()).await;
    }
}

#[tokio::test]
#[ignore = "writes a file"]
async fn write_what_the_newest_version_writes() {
    let place = Place::new();
    contract::fill(place.open()).await;
    let sql = place.sql();
    let mut written = migrations().concat();
    // Triggers write the other table.
    for table in ["countersign_inbox", "countersign_inbox_body"] {
        let columns = |form: &str| -> String {
            let list = format!("SELECT group_concat(format('{form}', name), ', ') FROM pragma_table_info('{table}')");
            number(&sql, &list)
        };
        let values = columns("quote(%s)").replace(", ", " || ', ' || ");
        let mut rows = sql.prepare(&format!("SELECT {values} FROM {table} ORDER BY id")).unwrap();
        let rows = rows.query_map([], |row| row.get::<_, String>(0)).unwrap();
        let rows: Vec<String> = rows.map(|row| format!("({})", row.unwrap())).collect();
        written += &format!("INSERT INTO {table} ({}) VALUES\n{};\n", columns("%s"), rows.join(",\n"));
    }
    let file = format!("{}/src/sqlite/tests/versions/{}.sql", env!("CARGO_MANIFEST_DIR"), migrations().len());
    std::fs::write(file, written).unwrap();
}
