//! Guides: what the README leaves out.

/// Makes a page of each file in `docs/`. The links between them lead to files, and here to items.
macro_rules! guides {
    ($($name:ident $file:literal)*) => {$(
        #[doc = include_str!("links.md")]
        #[doc = include_str!(concat!("../docs/", $file))]
        pub mod $name {}
    )*};
}

guides! {
    own_types "own-types.md"
    own_provider "own-provider.md"
    secrets "secrets.md"
    rejections "rejections.md"
    dedupe "dedupe.md"
    inbox "inbox.md"
    hand_off "hand-off.md"
    handshakes "handshakes.md"
    trust "trust.md"
    layers "layers.md"
}
