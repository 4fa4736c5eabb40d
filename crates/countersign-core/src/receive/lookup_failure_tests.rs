//! Look-ups that fail, panic, or take too long.

use super::*;

#[derive(Debug, thiserror::Error)]
#[error("no connection to {0}")]
struct Down(&'static str);

#[tokio::test]
async fn t19_an_error_is_the_source_and_is_not_shown() {
    let error = verify(&answering(|| ready(Err::<Option<Secret>, _>(Down("db.internal"))))).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (RejectionKind::LookupFailed, 503));
    assert!(Answer::from(error.clone()).headers().contains(&("retry-after", "5")));
    assert_eq!(error.source().unwrap().downcast_ref::<Down>().unwrap().0, "db.internal");
    assert_eq!(error.clone().source().unwrap().to_string(), "no connection to db.internal");
    assert_eq!(error.to_string(), "the look-up of the secrets failed");
    assert_eq!(format!("{error:?} {error:#?}").matches("internal").count(), 0, "{error:?}");
}

#[tokio::test]
async fn an_empty_secret_is_an_error_of_the_look_up() {
    let error = verify(&answering(|| ready(Secret::new("").map(Some)))).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (RejectionKind::LookupFailed, 503));
    assert_eq!(error.source().unwrap().to_string(), "a webhook secret must not be empty");
}

#[tokio::test]
async fn a_panic_rejects_only_that_delivery() {
    for moment in 0..4 {
        let calls = AtomicUsize::new(0);
        let verifier = answering(move || {
            let now = (calls.fetch_add(1, Ordering::SeqCst) == 1).then_some(moment);
            assert_ne!(now, Some(0), "before there is a future");
            async move {
                assert_ne!(now, Some(1), "before the first await");
                sleep(Duration::from_millis(1)).await;
                assert_ne!(now, Some(2), "after the first await");
                // `Secret::from_static` panics for an empty text.
                found(if now == Some(3) { "" } else { "s3cr3t" })
            }
        });
        assert_eq!(kind(&verifier).await, None);
        let error = verify(&verifier).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (RejectionKind::LookupFailed, 503), "{moment}");
        assert!(error.source().is_none());
        assert_eq!(kind(&verifier).await, None);
    }
}

#[tokio::test(start_paused = true)]
async fn it_has_two_seconds_or_what_is_set() {
    let hanging = || answering(pending::<Result<Option<Secret>, Rejection>>);
    for (verifier, expected) in [
        (hanging(), Duration::from_secs(2)),
        (hanging().with_lookup_timeout(Duration::from_millis(70)), Duration::from_millis(70)),
        (hanging().with_lookup_timeout(Duration::from_nanos(1)), Duration::ZERO),
        (hanging().with_lookup_timeout(Duration::from_secs(90)), Duration::from_secs(90)),
    ] {
        let start = Instant::now();
        let error = verify(&verifier.clone()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (RejectionKind::LookupTimeout, 503));
        // tokio's clock is one of milliseconds, and never early.
        assert!((expected..=expected + Duration::from_millis(1)).contains(&start.elapsed()), "{:?}", start.elapsed());
    }
    let after = |time: Duration| {
        answering(move || async move {
            sleep(time).await;
            found("s3cr3t")
        })
    };
    assert_eq!(kind(&after(Duration::from_millis(1990))).await, None);
    assert_eq!(kind(&after(Duration::from_millis(2010))).await, Some(RejectionKind::LookupTimeout));
    // A look-up that is ready needs no time, and the longest timeout does not overflow.
    assert_eq!(kind(&answering(|| ready(found("s3cr3t"))).with_lookup_timeout(Duration::from_nanos(1))).await, None);
    assert_eq!(kind(&after(Duration::from_secs(9)).with_lookup_timeout(Duration::MAX)).await, None);
}

#[tokio::test]
async fn one_that_never_rests_is_given_up_too() {
    let busy = answering(|| async {
        loop {
            tokio::task::yield_now().await;
        }
        #[expect(unreachable_code, reason = "the type of the answer")]
        found("s3cr3t")
    });
    assert_eq!(kind(&busy.with_lookup_timeout(Duration::from_millis(5))).await, Some(RejectionKind::LookupTimeout));
}
