//! Places: `{ header = "acme-signature" }`.

use countersign_core::{
    __private::{Pick, PlaceKind},
    provider::Place,
};

use super::reader::{Field, Fields, Read};

/// The functions of the grammar that return a place, with the names of their further arguments.
const KINDS: &[(&str, &[&str])] = &[
    ("header", &[]),
    ("repeated-header", &[]),
    ("numbered-headers", &[]),
    ("member", &["delimiters", "key"]),
    ("any-member", &["delimiters"]),
    ("item", &["separator", "position"]),
    ("items-from", &["separator", "position"]),
    ("authorization", &[]),
    ("query", &[]),
    ("json", &[]),
    ("form", &[]),
    ("form-members", &["delimiters"]),
    ("json-in-form", &["path"]),
];

/// JSON is read by recursion.
const DEEPEST: usize = 32;

const FORM: &str = "must be a place, such as { header = \"x-acme-signature\" }: with header, repeated-header, \
                    numbered-headers, member, any-member, item, items-from, authorization, query, json, form, \
                    form-members or json-in-form";

/// Reads a place.
pub(super) fn place(field: Field) -> Read<Place> {
    let names: Vec<_> = KINDS.iter().map(|(name, _)| *name).collect();
    let kind = field.kind(&names, FORM)?;
    let arguments = KINDS.iter().find(|(name, _)| *name == kind).map_or(&[][..], |(_, arguments)| arguments);
    let fields = field.table(&[&[kind], arguments].concat())?;
    let name = fields.need(kind)?.text()?;
    let member = |pick| {
        let (assign, separator) = delimiters(&fields)?;
        Ok(PlaceKind::Member { header: name, assign, separator, pick })
    };
    let item = |pick: fn(u8) -> Pick| {
        let pick = pick(fields.need("position")?.number()?);
        Ok(PlaceKind::Member { header: name, assign: 0, separator: separator(&fields)?, pick })
    };
    let kind = match kind {
        "repeated-header" => PlaceKind::Headers(name),
        "numbered-headers" => PlaceKind::Numbered(name),
        "member" => member(Pick::Key(fields.need("key")?.ascii()?))?,
        "any-member" => member(Pick::AnyKey)?,
        "item" => item(Pick::At)?,
        "items-from" => item(Pick::From)?,
        "authorization" => PlaceKind::Authorization(name),
        "query" => PlaceKind::Query(name),
        "json" => PlaceKind::Json(path(&field, name)?),
        "form" => PlaceKind::Form(name),
        "form-members" => {
            let (assign, separator) = delimiters(&fields)?;
            PlaceKind::FormList { name, assign, separator }
        }
        "json-in-form" => PlaceKind::JsonInForm { name, path: path(&field, fields.need("path")?.text()?)? },
        _ => PlaceKind::Header(name),
    };
    Place::__of(kind).map_err(|complaint| field.complaint(complaint))
}

fn path(field: &Field, path: &'static str) -> Read<&'static str> {
    if path.split('.').count() > DEEPEST {
        return Err(field.mistake(format_args!("has a path of more than {DEEPEST} names")));
    }
    Ok(path)
}

/// Reads the name of a query parameter.
pub(super) fn parameter(field: Field) -> Read<&'static str> {
    let name = field.text()?;
    Place::__of(PlaceKind::Query(name)).map_err(|complaint| field.complaint(complaint))?;
    Ok(name)
}

/// The two delimiters; the same twice, which the library rejects, if there are not two.
fn delimiters(fields: &Fields) -> Read<(u8, u8)> {
    Ok(match fields.need("delimiters")?.text()?.as_bytes() {
        [assign, separator] => (*assign, *separator),
        _ => (b',', b','),
    })
}

/// The separator; one that the library rejects if there is not one.
fn separator(fields: &Fields) -> Read<u8> {
    Ok(match fields.need("separator")?.text()?.as_bytes() {
        [separator] => *separator,
        _ => 0xff,
    })
}
