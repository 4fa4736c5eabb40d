//! Deliveries that are rejected because of a look-up, a confirmation, their trust or their source.

/// A `VerifyWebhook` for every reason that a head and a body alone do not give, with a delivery whose proof is right:
/// the reason, the layer, the delivery, and the text of the error behind it.
///
/// A macro, since the adapters' types have nothing in common but the names of their methods.
#[macro_export]
macro_rules! rejected_by_others {
    ($VerifyWebhook:path) => {{
        use countersign::{
            RejectionKind, Secret, Trust, UnconfirmedDelivery, UnverifiedDelivery, Verdict,
            providers::{ScreenshotRun, ScreenshotRunEvent},
        };
        use $VerifyWebhook as Verify;

        type Found = Result<Option<Secret>, &'static str>;
        type Verified = Result<Verdict<ScreenshotRunEvent>, &'static str>;

        let sender = $crate::convert::of::<ScreenshotRun>();
        let genuine = $crate::convert::documented::<ScreenshotRun>();
        let secret = Secret::new(sender.secret()).expect("a secret");
        let loopback = countersign::AllowedSources::new(["127.0.0.1"]).expect("ranges");
        let token = || Verify::<ScreenshotRun>::new(sender.secret());
        let looked_up = |found: Found| {
            Verify::<ScreenshotRun>::from_lookup(move |unverified: UnverifiedDelivery<'_>| {
                let _ = unverified.unverified_id();
                let found = found.clone();
                async move { found }
            })
        };
        let confirmed = |verdict: Verified| {
            token().with_confirmation(move |_: UnconfirmedDelivery<_>| {
                let verdict = verdict.clone();
                async move { verdict }
            })
        };
        let soon = std::time::Duration::from_millis(10);
        let never_found = |_: UnverifiedDelivery<'_>| std::future::pending::<Found>();
        let never_confirmed = |_: UnconfirmedDelivery<ScreenshotRun>| std::future::pending::<Verified>();
        let unseen = format!(r#"{{"event":"screenshot.completed","data":{{"id":"{}"}}}}"#, "x".repeat(257));
        let down = "the store is down";
        vec![
            (RejectionKind::SecretNotFound, looked_up(Ok(None)), genuine.clone(), None),
            (
                RejectionKind::TokenMismatch,
                looked_up(Ok(Some(Secret::from_static("another secret")))),
                genuine.clone(),
                None,
            ),
            (RejectionKind::AmbiguousId, looked_up(Ok(Some(secret.clone()))), sender.genuine(unseen), None),
            (RejectionKind::Undecodable, looked_up(Ok(Some(secret.clone()))), sender.genuine("{}"), Some("")),
            (RejectionKind::LookupFailed, looked_up(Err(down)), genuine.clone(), Some(down)),
            (
                RejectionKind::LookupTimeout,
                Verify::from_lookup(never_found).with_lookup_timeout(soon),
                genuine.clone(),
                None,
            ),
            (RejectionKind::NotConfirmed, confirmed(Ok(Verdict::Denied)), genuine.clone(), None),
            (RejectionKind::Undecodable, confirmed(Ok(Verdict::Denied)), sender.genuine("{}"), Some("")),
            (RejectionKind::ConfirmationFailed, confirmed(Err(down)), genuine.clone(), Some(down)),
            (
                RejectionKind::ConfirmationTimeout,
                token().with_confirmation(never_confirmed).with_confirmation_timeout(soon),
                genuine.clone(),
                None,
            ),
            (RejectionKind::InsufficientTrust, token().with_minimum_trust(Trust::Confirmed), genuine.clone(), None),
            (RejectionKind::SourceUnknown, token().with_allowed_sources(loopback), genuine, None),
        ]
    }};
}

pub use rejected_by_others;
