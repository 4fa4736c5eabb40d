//! Transcripts: what the program prints, word for word. `TRYCMD=overwrite cargo test -p countersign-cli` updates them.

#[test]
fn transcripts_are_what_the_program_prints() {
    trycmd::TestCases::new()
        .env("ZEODYN_WEBHOOK_SECRET", "s3cr3t")
        .env("SCREENSHOTRUN_WEBHOOK_TOKEN", "t0ken")
        .env("SECRET", "s3cr3t")
        .env("WRONG", "an0ther")
        .env("PADDED", "s3cr3t\n")
        .env("TRIMMED", "s3cr3t")
        .env("GEOSCORED_SECRET", concat!("whsec", "_czNjcjN0"))
        .env("DECODED", "s3cr3t")
        .case("tests/transcripts/*.md");
}
