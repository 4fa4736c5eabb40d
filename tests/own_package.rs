//! A provider of one's own needs nothing of ours: the example's page, alone in a package that depends on countersign.

#![allow(clippy::arithmetic_side_effects, clippy::expect_used, reason = "tests fail by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const EXAMPLE: &str = include_str!("../examples/custom_provider.rs");

/// All that a package with the example needs, and nothing else.
const MANIFEST: &str = r#"[package]
name = "own-package"
version = "0.0.0"
edition = "2024"
publish = false

[workspace]

[dependencies]
countersign = { path = "@ROOT@", features = ["axum", "actix"] }
actix-web = { version = "4", default-features = false, features = ["macros"] }
axum = { version = "0.8", default-features = false, features = ["http1", "tokio"] }
serde = { version = "1", features = ["derive"] }
tokio = { version = "1", features = ["net"] }
"#;

/// From the doc line of `enum Acme {}` to the end of `struct Order`.
fn page() -> &'static str {
    let start = EXAMPLE.find("/// Acme's webhooks.\nenum Acme {}").expect("the provider");
    let structure = EXAMPLE.find("\nstruct Order {").expect("the payload");
    let end = structure + EXAMPLE[structure..].find("\n}\n").expect("its end") + "\n}\n".len();
    &EXAMPLE[start..end]
}

#[test]
fn a_provider_of_ones_own_is_less_than_forty_lines() {
    let page = page();
    for part in
        ["impl Provider for Acme", "events! {", "\"order.paid\" => OrderPaid(Order) at order_id", "struct Order"]
    {
        assert!(page.contains(part), "{part} is part of {page}");
    }
    let lines = page.lines().count();
    assert!(lines < 40, "{lines} lines:\n{page}");
}

#[test]
fn a_provider_of_ones_own_uses_nothing_hidden() {
    assert!(!EXAMPLE.contains("__"), "what starts with `__` is not public API");
    let hidden = ["countersign_core", "countersign_tower", "countersign_actix", "unsafe"];
    for word in hidden {
        assert!(!EXAMPLE.contains(word), "the facade is enough, without {word}");
    }
}

fn cargo(package: &Path, arguments: &[&str]) -> Output {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("own-package-target");
    let mut command = Command::new(env!("CARGO"));
    command.args(arguments).current_dir(package).env("CARGO_TARGET_DIR", target);
    // What `cargo test` sets for its own build is not meant for this one.
    for (name, _) in std::env::vars_os().filter(|(name, _)| {
        let name = name.to_string_lossy();
        name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "RUSTFLAGS"
    }) {
        command.env_remove(name);
    }
    command.output().expect("cargo")
}

#[test]
fn a_provider_of_ones_own_compiles_in_a_package_of_its_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join("own-package");
    fs::create_dir_all(package.join("src")).expect("a directory");
    let root_text = root.to_str().expect("a path in Unicode").replace('\\', "/");
    fs::write(package.join("Cargo.toml"), MANIFEST.replace("@ROOT@", &root_text)).expect("the manifest");
    fs::write(package.join("src/main.rs"), EXAMPLE).expect("the example");
    // The versions that are tested here, and on this machine already.
    fs::copy(root.join("Cargo.lock"), package.join("Cargo.lock")).expect("the lock file");

    let mut output = cargo(&package, &["check", "--offline"]);
    if !output.status.success() {
        eprintln!("offline:\n{}", String::from_utf8_lossy(&output.stderr));
        output = cargo(&package, &["check"]);
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    // It fails where it has to: the same package without a feature it uses.
    let broken =
        MANIFEST.replace("@ROOT@", &root_text).replace(r#"features = ["axum", "actix"]"#, r#"features = ["axum"]"#);
    fs::write(package.join("Cargo.toml"), broken).expect("the manifest");
    let output = cargo(&package, &["check", "--offline"]);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && stderr.contains("error[E0432]"), "features are what they say: {stderr}");
}
