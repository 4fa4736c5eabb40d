//! The macro for the extractor of every adapter, with its own types.

/// Makes the types of an extractor: `Webhook` and its error `WebhookRejection`. The adapter's own
/// documentation follows the common one.
#[doc(hidden)]
#[macro_export]
macro_rules! __webhook {
    ($(#[$docs:meta])*) => {
        /// A verified delivery, for handlers behind [`VerifyWebhook`](crate::VerifyWebhook). It has
        /// all methods of a [`Delivery`]($crate::Delivery), such as `delivery_id` and `body`.
        ///
        /// `E` is the type of its event (default: the provider's own). To read the payload as your
        /// own type, name [`Json<T>`]($crate::Json), [`Form<T>`]($crate::Form), or a type with your
        /// own [`Event`]($crate::Event): `Webhook<GitHub, Json<Push>>`. It is read by the extractor,
        /// from the verified delivery: see [`Delivery::event_as`]($crate::Delivery::event_as).
        ///
        /// As an extractor it does not consume the body, so you can use `Bytes`, `Json` and others
        /// in addition. If `VerifyWebhook` is missing or belongs to another provider, the answer is
        /// a 500 that says so. If the verified body cannot be decoded, the answer is a 422, and with
        /// deduplication a retry runs again. To make your own response, take a
        /// `Result<Webhook<P, E>, WebhookRejection>`.
        ///
        $(#[$docs])*
        pub struct Webhook<P: $crate::provider::Provider, E: $crate::Event = <P as $crate::provider::Provider>::Event>(
            $crate::__private::ReadAs<P, E>,
        );

        impl<P: $crate::provider::Provider> Webhook<P> {
            /// Reads the event as another type. In a unit test of a handler, it makes the argument:
            /// `Webhook::from(delivery).read_as()`.
            ///
            /// # Errors
            ///
            /// Returns an error if the delivery cannot be read as an `E`.
            pub fn read_as<E: $crate::Event>(self) -> Result<Webhook<P, E>, WebhookRejection> {
                let delivery = std::sync::Arc::clone(self.0.delivery());
                $crate::__private::ReadAs::read(delivery).map(Webhook).map_err(WebhookRejection)
            }
        }

        impl<P: $crate::provider::Provider, E: $crate::Event> Webhook<P, E> {
            pub(crate) fn extract(received: Option<&$crate::adapter::Received<P>>) -> Result<Self, WebhookRejection> {
                $crate::__private::ReadAs::extract(received).map(Self).map_err(WebhookRejection)
            }
        }

        impl<P: $crate::provider::Provider, E: $crate::Event> Webhook<P, E> {
            /// Returns the event.
            pub fn event(&self) -> &E {
                self.0.event()
            }

            /// Returns the event by value. The provider's own event is cloned if the delivery is
            /// still shared.
            pub fn into_event(self) -> E {
                self.0.into_event()
            }
        }

        /// Creates a `Webhook` from a verified delivery, to unit-test a handler.
        /// `countersign-testkit` makes signed deliveries.
        impl<P: $crate::provider::Provider> From<$crate::Delivery<P>> for Webhook<P> {
            fn from(delivery: $crate::Delivery<P>) -> Self {
                Self(delivery.into())
            }
        }

        impl<P: $crate::provider::Provider, E: $crate::Event> std::ops::Deref for Webhook<P, E> {
            type Target = $crate::Delivery<P>;

            fn deref(&self) -> &$crate::Delivery<P> {
                self.0.delivery()
            }
        }

        impl<P: $crate::provider::Provider, E: $crate::Event + Clone> Clone for Webhook<P, E> {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl<P: $crate::provider::Provider, E: $crate::Event> std::fmt::Debug for Webhook<P, E> {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple("Webhook").field(self.0.delivery()).finish()
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
