//! The page of a scheme, in Rust.

use countersign_core::{
    __private::{Pick, PlaceKind},
    provider::{Key, Page, Part, Place, Scheme, Signed},
};

/// Writes the page as a `Provider`, for the author's own crate.
pub(crate) fn page(page: &Page) -> String {
    let (kind, title, scheme) = (type_name(page.name), page.title, scheme(page.scheme, "    "));
    let text = |name: &str, value: &str| format!("    const {name}: &'static str = {value:?};\n");
    let mut code = format!(
        "use countersign::{{\n    AnyEvent,\n    provider::{{Provider, grammar::*}},\n}};\n\n/// The webhooks of \
         {title}.\npub enum {kind} {{}}\n\nimpl Provider for {kind} {{\n    type Event = AnyEvent;\n\n{}{}{}    const \
         SCHEME: Scheme = {scheme};\n",
        text("NAME", page.name),
        text("TITLE", title),
        text("DOCS", page.docs),
    );
    // The other pages have these by default.
    let own_id = page.id.filter(|_| page.id != page.scheme.signed_id());
    let places =
        [("ID", own_id), ("OCCURRED_AT", page.occurred_at), ("SENT_AT", page.sent_at), ("EVENT_COPY", page.event_copy)];
    let places = places.into_iter().filter(|(_, at)| at.is_some());
    for (name, at) in [("EVENT", page.event)].into_iter().chain(places) {
        let at = at.map_or_else(|| "None".to_owned(), |at| format!("Some({})", place(&at)));
        code.push_str(&format!("    const {name}: Option<Place> = {at};\n"));
    }
    if !page.resource.is_empty() {
        code.push_str(&format!("    const RESOURCE: &'static [Place] = &[{}];\n", list(page.resource, place)));
    }
    code.push_str(&format!("}}\n\n// Reports a bad scheme at `cargo check`.\nconst _: Scheme = {kind}::SCHEME;"));
    code
}

/// `AcmePayments` for `acme-payments`. The words of the grammar are taken.
fn type_name(name: &str) -> String {
    const TAKEN: &[&str] = &[
        "AnyEvent",
        "Algorithm",
        "Coding",
        "Key",
        "Option",
        "Part",
        "Place",
        "Provider",
        "Scheme",
        "Self",
        "Some",
        "None",
        "Unit",
        "HmacSha256",
        "HmacSha512",
        "HmacSha1",
        "Sha256OfSecretAndText",
        "Ed25519",
        "EcdsaP256",
        "RsaSha256",
        "Hex",
        "Base64",
        "Base64Url",
        "Text",
        "Time",
        "Id",
        "Method",
        "Url",
        "Body",
        "BodySha256",
        "SortedForm",
        "Field",
        "Optional",
    ];
    let mut kind = String::new();
    for word in name.split('-') {
        let mut characters = word.chars();
        kind.extend(characters.next().map(|first| first.to_ascii_uppercase()));
        kind.push_str(characters.as_str());
    }
    if TAKEN.contains(&kind.as_str()) { kind + "Webhooks" } else { kind }
}

fn scheme(scheme: &'static Scheme, indent: &str) -> String {
    let inner = format!("{indent}    ");
    match (scheme.__each(), scheme.__signed()) {
        (schemes @ [_, _, ..], _) => {
            let schemes: String =
                schemes.iter().map(|scheme| format!("{inner}{},\n", self::scheme(scheme, &inner))).collect();
            format!("Scheme::any_of(&[\n{schemes}{indent}])")
        }
        (_, Some(signed)) => signature(&signed, &inner),
        _ if *scheme == Scheme::basic() => "Scheme::basic()".to_owned(),
        _ => format!("Scheme::token({})", scheme.places().map(|at| place(&at)).collect::<String>()),
    }
}

fn signature(signed: &Signed, indent: &str) -> String {
    let [at, or_at] = signed.places;
    let place = |at: Option<Place>| at.as_ref().map(place).unwrap_or_default();
    let begun = Scheme::signed(signed.algorithm, at.unwrap_or(Place::header("x")), signed.coding);
    let mut code = format!("Scheme::signed({:?}, {}, {:?})", signed.algorithm, place(at), signed.coding);
    let mut call = |call: String| code.push_str(&format!("\n{indent}.{call}"));
    if or_at.is_some() {
        call(format!("or_at({})", place(or_at)));
    }
    if !signed.prefix.is_empty() {
        call(format!("prefix({:?})", signed.prefix));
    }
    if signed.key != begun.key {
        call(format!("key(Key::{})", key(signed.key)));
    }
    if signed.id.is_some() {
        call(format!("id({})", place(signed.id)));
    }
    if let Some((at, unit)) = signed.time {
        call(format!("time({}, Unit::{unit:?})", self::place(&at)));
        call(match signed.tolerance.map(|tolerance| tolerance.as_secs()) {
            None => "any_time()".to_owned(),
            Some(seconds) if seconds % 60 == 0 => format!("tolerance(minutes({}))", seconds.div_euclid(60)),
            Some(seconds) => format!("tolerance(seconds({seconds}))"),
        });
    }
    if signed.has_port_variants {
        call("with_or_without_port()".to_owned());
    }
    if let Some(parameter) = signed.digest {
        call(format!("body_digest({parameter:?})"));
    }
    call(format!("over(&[{}])", list(signed.parts, part)));
    code
}

fn key(key: Key) -> String {
    match key {
        Key::Base64(prefixes) => format!("Base64(&{prefixes:?})"),
        Key::PublicBase64(prefixes) => format!("PublicBase64(&{prefixes:?})"),
        key => format!("{key:?}"),
    }
}

fn part(part: &Part) -> String {
    match part {
        Part::Field(at) => format!("Field({})", place(at)),
        Part::Optional(before, at, after) => format!("Optional({before:?}, {}, {after:?})", place(at)),
        part => format!("{part:?}"),
    }
}

/// The call of the grammar's function.
fn place(place: &Place) -> String {
    let two = |assign: u8, separator: u8| String::from_iter([assign, separator].map(char::from));
    match place.__kind() {
        PlaceKind::Header(name) => format!("header({name:?})"),
        PlaceKind::Headers(name) => format!("repeated_header({name:?})"),
        PlaceKind::Numbered(prefix) => format!("numbered_headers({prefix:?})"),
        PlaceKind::Member { header, assign, separator, pick } => {
            let (both, separator) = (two(assign, separator), char::from(separator).to_string());
            match pick {
                Pick::Key(key) => format!("member({header:?}, {both:?}, {key:?})"),
                Pick::AnyKey => format!("any_member({header:?}, {both:?})"),
                Pick::At(position) => format!("item({header:?}, {separator:?}, {position})"),
                Pick::From(position) => format!("items_from({header:?}, {separator:?}, {position})"),
            }
        }
        PlaceKind::Authorization(word) => format!("authorization({word:?})"),
        PlaceKind::Query(name) => format!("query({name:?})"),
        PlaceKind::Json(path) => format!("json({path:?})"),
        PlaceKind::Form(name) => format!("form({name:?})"),
        PlaceKind::FormList { name, assign, separator } => {
            format!("form_members({name:?}, {:?})", two(assign, separator))
        }
        PlaceKind::JsonInForm { name, path } => format!("json_in_form({name:?}, {path:?})"),
    }
}

fn list<T>(items: &[T], write: impl Fn(&T) -> String) -> String {
    items.iter().map(write).collect::<Vec<_>>().join(", ")
}
