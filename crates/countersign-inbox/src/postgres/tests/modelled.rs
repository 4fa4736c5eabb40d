//! Any sequence of calls, against the model.

use super::Place;
use crate::sql::model;

#[test]
fn any_sequence_of_calls_does_what_the_model_does() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let place = Place::new();
    let (store, sql) = runtime.block_on(async { (place.open().await, place.sql().await) });
    model::check(160, |ops| {
        runtime.block_on(async {
            sql.batch_execute("TRUNCATE countersign_inbox RESTART IDENTITY CASCADE").await.unwrap();
            model::run(&store, ops).await;
        });
    });
}
