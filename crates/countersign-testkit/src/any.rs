//! Providers that are known at run time.

/// Stands for a provider that is known only at run time, by its [`Page`]: in
/// `Payload<AnyProvider>` and `SignedRequest<AnyProvider>`, for tools that treat all providers
/// alike.
///
/// They have the same methods as those of a provider's type, except
/// [`delivery`](crate::SignedRequest::delivery): only a provider's type can be verified.
///
/// ```
/// use countersign::{provider::Page, providers::{GitHub, Stripe}};
/// use countersign_testkit::{AnyProvider, Payload, SignedRequest};
///
/// static PAGES: [Page; 2] = [Page::of::<GitHub>(), Page::of::<Stripe>()];
///
/// for page in &PAGES {
///     let request: SignedRequest<AnyProvider> = Payload::example_of(page).signed_with("s3cr3t");
///     println!("POST {}", request.path());
/// }
/// ```
///
/// [`Page`]: countersign_core::provider::Page
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_enums, reason = "it has no values")]
pub enum AnyProvider {}
