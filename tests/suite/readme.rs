//! The provider tables of README.md, PROVIDERS.md and the groups' pages in rustdoc, which are made from the pages; and
//! what every page's documentation has.

use std::{collections::BTreeSet, fs};

use countersign::{
    Trust,
    provider::{Page, Place, Scheme},
    providers,
};

const TYPED: &str = "providers";
const OTHERS: &str = "other providers";
const ALL: &str = "all providers";
const GROUP: &str = "providers of the group";

/// Those in the README, besides the typed ones.
const MOST_NEEDED: &str = "
    standard_webhooks svix square stripe github gitlab linear discord meta slack twilio zoom shopify openai
";

/// A row of `__for_each_provider!`.
struct Row {
    type_name: &'static str,
    constructor: &'static str,
    needs: &'static str,
    group: &'static str,
    feature: &'static str,
    page: Page,
}

fn rows() -> Vec<Row> {
    macro_rules! rows {
        ($($name:ident $needs:tt => $Provider:ident [$group:ident $($feature:literal)?],)*) => {
            vec![$(Row {
                type_name: stringify!($Provider),
                constructor: stringify!($name),
                needs: stringify!($needs),
                group: stringify!($group),
                feature: concat!($($feature)?),
                page: Page::of::<providers::$Provider>(),
            }),*]
        };
    }
    countersign::__for_each_provider!(rows)
}

fn typed() -> String {
    let head = "| provider | `VerifyWebhook::` | proof | events | waits | retries |\n|---|---|---|---|---|---|\n";
    let rows =
        rows().into_iter().filter(|row| !row.page.event_names.is_empty()).map(|Row { constructor, page, .. }| {
            let events: Vec<String> = page.event_names.iter().map(|name| format!("`{name}`")).collect();
            let (waits, events) = (waits(&page), events.join(", "));
            let Page { title, docs, scheme, retries, .. } = page;
            format!("| [{title}]({docs}) | `{constructor}` | {scheme} | {events} | {waits} | {retries} |\n")
        });
    format!("{head}{}", rows.collect::<String>())
}

fn others() -> String {
    let head = "| provider | `VerifyWebhook::` | proof | waits | retries | feature |\n|---|---|---|---|---|---|\n";
    let is_needed = |row: &Row| MOST_NEEDED.split_whitespace().any(|name| name == row.constructor);
    let rows = rows().into_iter().filter(is_needed).map(|row| {
        let ([provider, constructor, proof], [waits, retries, feature]) = row.cells();
        format!("| {provider} | {constructor} | {proof} | {waits} | {retries} | {feature} |\n")
    });
    format!("{head}{}", rows.collect::<String>())
}

/// The tables of PROVIDERS.md.
fn all() -> String {
    let (mut text, mut last) = (String::new(), "");
    for row in rows() {
        if row.group != last {
            text += &format!(
                "\n## {}\n\n| provider | `VerifyWebhook::` | proof | trust | not protected | waits | retries | feature \
                 |\n|---|---|---|---|---|---|---|---|\n",
                heading(row.group)
            );
            last = row.group;
        }
        let ([provider, constructor, proof], [waits, retries, feature]) = row.cells();
        let trust = row.trust();
        text += &format!("| {provider} | {constructor} | {proof} | {trust} | {waits} | {retries} | {feature} |\n");
    }
    text + "\n"
}

/// The table of a group's page in rustdoc, which links the pages there.
fn group(name: &str) -> String {
    let head = "| provider | `VerifyWebhook::` | proof | trust | not protected | waits | feature \
                |\n|---|---|---|---|---|---|---|\n";
    let rows = rows().into_iter().filter(|row| row.group == name).map(|row| {
        let ([_, constructor, proof], [waits, _, feature]) = row.cells();
        let provider = format!("[{}](super::{})", row.page.title, row.type_name);
        format!("| {provider} | {constructor} | {proof} | {} | {waits} | {feature} |\n", row.trust())
    });
    format!("{head}{}", rows.collect::<String>())
}

impl Row {
    /// Two cells: the trust, and what is not protected.
    fn trust(&self) -> String {
        format!("`{:?}` | {}", trust(self.page.scheme), not_protected(&self.page))
    }

    fn cells(&self) -> ([String; 3], [String; 3]) {
        let Page { title, docs, scheme, retries, .. } = self.page;
        // Pages without typed events say only what is certain.
        let is_typed = !self.page.event_names.is_empty();
        let certain = |text: String| if text == "not documented" && !is_typed { "–".to_owned() } else { text };
        let feature = if self.feature.is_empty() { String::new() } else { format!("`{}`", self.feature) };
        // Also in code, it would end the cell.
        let scheme = scheme.to_string().replace('|', "\\|");
        let provider = format!("[{title}]({docs})");
        (
            [provider, format!("`{}{}`", self.constructor, self.needs), scheme],
            [certain(waits(&self.page)), certain(retries.to_string()), feature],
        )
    }
}

fn heading(group: &str) -> String {
    match (group, group.split_at(1)) {
        ("ai", _) => "AI".to_owned(),
        ("customers", _) => "CRM and support".to_owned(),
        (_, (first, rest)) => first.to_uppercase() + &rest.replace('_', " "),
    }
}

fn trust(scheme: &Scheme) -> Trust {
    match (scheme.covers_body(), scheme.is_credential()) {
        (true, _) => Trust::Signed,
        (false, true) => Trust::TokenOnly,
        (false, false) => Trust::Unbound,
    }
}

/// What the proof does not protect, in short.
fn not_protected(page: &Page) -> String {
    let scheme = page.scheme;
    let is_in_body = |place: &Place| place.as_json().or(place.as_form()).is_some();
    let mut gaps = Vec::new();
    match trust(scheme) {
        Trust::Signed => {}
        Trust::Unbound if scheme.covers(Place::json("any")) => gaps.push("the end of the body"),
        Trust::Unbound if scheme.signed_fields().any(|place| is_in_body(&place) && page.id != Some(place)) => {
            gaps.push("other fields");
        }
        _ => gaps.push("the body"),
    }
    let is_gap = |place: Option<Place>| place.is_some_and(|place| !scheme.covers(place) && !is_in_body(&place));
    let in_head = [(page.event, "the event's name"), (page.id, "the ID"), (page.sent_at, "the time of sending")];
    gaps.extend(in_head.into_iter().filter(|(place, _)| is_gap(*place)).map(|(_, name)| name));
    let replays = match scheme.tolerance() {
        Some(tolerance) => format!("replays within {} min", tolerance.as_secs() / 60),
        None => "replays".to_owned(),
    };
    gaps.push(&replays);
    gaps.join(", ")
}

fn waits(page: &Page) -> String {
    page.retries.deadline.map_or_else(|| "not documented".to_owned(), |wait| format!("{} s", wait.as_secs()))
}

#[test]
fn the_provider_tables_are_what_the_pages_say() {
    holds("README.md", &[(TYPED, typed()), (OTHERS, others())]);
    holds("PROVIDERS.md", &[(ALL, all())]);
    let count = format!("{} providers", rows().len());
    for file in ["README.md", "PROVIDERS.md"] {
        let text = fs::read_to_string(countersign_test_support::root().join(file)).expect(file);
        assert!(text.contains(&count), "{file} says that there are {count}");
    }
    let groups: BTreeSet<&str> = rows().iter().map(|row| row.group).collect();
    for name in groups {
        holds(&format!("crates/countersign-core/src/providers/groups/{name}.md"), &[(GROUP, group(name))]);
    }
}

/// The tables of a file are these, or become these.
fn holds(file: &str, tables: &[(&str, String)]) {
    let path = countersign_test_support::root().join(file);
    let mut text = fs::read_to_string(&path).expect(file);
    for (name, expected) in tables {
        let begin =
            format!("<!-- {name}: generated by `COUNTERSIGN_UPDATE=1 cargo test -p countersign-tests readme` -->\n");
        let end = format!("<!-- end of {name} -->");
        let (before, rest) = text.split_once(&begin).expect("the begin of the table");
        let (found, after) = rest.split_once(&end).expect("the end of the table");
        if std::env::var_os("COUNTERSIGN_UPDATE").is_some() {
            text = format!("{before}{begin}{expected}{end}{after}");
            fs::write(&path, &text).expect("it can be written");
        } else {
            assert_eq!(found, expected, "run `COUNTERSIGN_UPDATE=1 cargo test -p countersign-tests readme`");
        }
    }
}

#[test]
fn every_page_has_a_row_and_agrees_with_it() {
    let root = countersign_test_support::root();
    let rows = rows();
    let mut pages: Vec<String> = fs::read_dir(root.join("crates/countersign-core/src/providers"))
        .expect("the providers")
        .filter_map(|entry| entry.expect("a file").file_name().to_str()?.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| name != "mod")
        .collect();
    pages.sort_unstable();
    let mut names: Vec<String> = rows.iter().map(|row| row.constructor.to_owned()).collect();
    names.sort_unstable();
    assert_eq!(pages, names, "every page has its row in `__for_each_provider!`");
    for Row { constructor, needs, page, .. } in rows {
        // A keyword has a `_` at its end.
        let named = constructor.trim_end_matches('_');
        assert_eq!(page.name.replace('-', "_"), named, "the constructor has the provider's name");
        assert_eq!(page.scheme.signs_url(), needs.ends_with(", url)"), "{constructor}: a signed URL is an argument");
        assert!(page.docs.starts_with("https://"), "{constructor}");
        let file = root.join(format!("crates/countersign-core/src/providers/{constructor}.rs"));
        let text = fs::read_to_string(file).expect("the page");
        let (documentation, _) = text.split_once("impl").expect("the provider");
        for part in ["/// ```text\n/// ", "/// **Protected**", "/// **Not protected**"] {
            assert!(documentation.contains(part), "{constructor}: its documentation has {part:?}");
        }
        let has_fixtures = root.join("tests/fixtures").join(constructor).is_dir();
        assert_eq!(has_fixtures, !page.event_names.is_empty(), "{constructor}: typed events have fixtures");
    }
}

#[test]
fn the_guide_to_trust_names_every_provider_that_is_not_signed_as_a_whole() {
    let guide = fs::read_to_string(countersign_test_support::root().join("docs/trust.md")).expect("the guide");
    for Row { page, .. } in rows() {
        let name = page.title.split(" (").next().expect("a name");
        let is_named = guide.lines().any(|line| {
            line.starts_with('|') && line.contains(name) && line.contains(&format!("`{:?}`", trust(page.scheme)))
        });
        assert!(
            is_named || trust(page.scheme) == Trust::Signed,
            "docs/trust.md says that {} is below `Signed`",
            page.title
        );
    }
}
