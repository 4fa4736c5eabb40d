//! The macro for the extractor of every adapter, with its own types.

/// Makes the types of an extractor: `Webhook` and its error `WebhookRejection`. The adapter's own
/// documentation follows the common one.
#[doc(hidden)]
#[macro_export]
macro_rules! __webhook {
    ($(#[$docs:meta])*) => {
        /// A verified delivery, for handlers behind [`VerifyWebhook`](crate::VerifyWebhook). It has
        /// all methods of a [`Delivery`]($crate::Delivery), such as `event`, `delivery_id` and
        /// `body`.
        ///
        /// As an extractor it does not consume the body, so you can use `Bytes`, `Json` and others
        /// in addition. If `VerifyWebhook` is missing or belongs to another provider, the answer is
        /// a 500 that says so. If the verified body cannot be decoded, the answer is a 422. To make
        /// your own response, take a `Result<Webhook<P>, WebhookRejection>`.
        ///
        $(#[$docs])*
        pub struct Webhook<P: $crate::provider::Provider>(std::sync::Arc<$crate::Delivery<P>>);

        impl<P: $crate::provider::Provider> Webhook<P> {
            /// Returns the typed event by value. It is cloned only if the delivery is still shared.
            pub fn into_event(self) -> P::Event {
                match std::sync::Arc::try_unwrap(self.0) {
                    Ok(delivery) => delivery.into_event(),
                    Err(shared) => shared.event().clone(),
                }
            }
        }

        /// Creates a `Webhook` from a verified delivery, to unit-test a handler.
        /// `countersign-testkit` makes signed deliveries.
        impl<P: $crate::provider::Provider> From<$crate::Delivery<P>> for Webhook<P> {
            fn from(delivery: $crate::Delivery<P>) -> Self {
                Self(std::sync::Arc::new(delivery))
            }
        }

        impl<P: $crate::provider::Provider> std::ops::Deref for Webhook<P> {
            type Target = $crate::Delivery<P>;

            fn deref(&self) -> &$crate::Delivery<P> {
                &self.0
            }
        }

        impl<P: $crate::provider::Provider> Clone for Webhook<P> {
            fn clone(&self) -> Self {
                Self(std::sync::Arc::clone(&self.0))
            }
        }

        impl<P: $crate::provider::Provider> std::fmt::Debug for Webhook<P> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple("Webhook").field(&self.0).finish()
            }
        }

        /// The rejection of the extractor [`Webhook`]. It converts into a response;
        /// [`error`](Self::error) returns the reason.
        #[derive(Clone, Debug)]
        pub struct WebhookRejection($crate::ExtractionError);

        impl WebhookRejection {
            /// Returns the reason.
            pub fn error(&self) -> &$crate::ExtractionError {
                &self.0
            }
        }

        impl From<$crate::ExtractionError> for WebhookRejection {
            fn from(error: $crate::ExtractionError) -> Self {
                Self(error)
            }
        }

        impl std::fmt::Display for WebhookRejection {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::error::Error for WebhookRejection {
            fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
                self.0.source()
            }
        }
    };
}
