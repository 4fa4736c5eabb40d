//! What each version of the tables wrote, and the newest one reads.

use super::{Place, contract};
use crate::postgres::migrations;

/// What a store of each version wrote. Those of released versions never change.
const VERSIONS: [&str; 1] = [include_str!("versions/1.sql")];

#[tokio::test]
async fn what_each_version_wrote_is_read_by_the_newest() {
    assert_eq!(
        VERSIONS.len(),
        migrations().len(),
        "run `write_what_the_newest_version_writes`, and name its file here"
    );
    for (number, written) in (1..).zip(VERSIONS) {
        let migrations = migrations().into_iter().take(number).collect::<String>();
        assert!(
            written.starts_with(&migrations),
            "version {number} was released, and a change of it is another version"
        );
        let place = Place::new();
        let sql = place.sql().await;
        sql.batch_execute(&format!("CREATE SCHEMA \"{}\"", place.schema)).await.unwrap();
        sql.batch_execute(written).await.unwrap();
        contract::migrated(place.open().await).await;
    }
}

#[tokio::test]
#[ignore = "writes a file"]
async fn write_what_the_newest_version_writes() {
    let place = Place::new();
    contract::fill(place.open().await).await;
    let sql = place.sql().await;
    let mut written = migrations().concat();
    for table in ["countersign_inbox", "countersign_inbox_body"] {
        let insert = format!(
            "SELECT format(E'INSERT INTO {table} (%1$s)\\nSELECT %1$s FROM json_populate_recordset(NULL::{table}, %2$L);\\n',
               (SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
                WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''),
               (SELECT '[' || string_agg(row_to_json(r)::text, E',\\n' ORDER BY r.id) || ']' FROM {table} AS r))"
        );
        written += sql.query_one(&insert, &[]).await.unwrap().get::<_, &str>(0);
    }
    written += "SELECT setval('countersign_inbox_id_seq', (SELECT max(id) FROM countersign_inbox));\n";
    let file = format!("{}/src/postgres/tests/versions/{}.sql", env!("CARGO_MANIFEST_DIR"), migrations().len());
    std::fs::write(file, written).unwrap();
}
