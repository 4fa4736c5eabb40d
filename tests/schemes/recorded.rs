//! An attacker with a recorded delivery and the source code: whatever is changed, it stays one delivery.

use super::{
    openssl::{ROWS, genuine},
    pages::{self, Given, Page, Sent},
};

/// Repeatable, and without a pattern.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }

    fn any(&mut self, all: &[usize]) -> usize {
        all[self.below(all.len())]
    }

    fn of<'a, T: ?Sized>(&mut self, all: &[&'a T]) -> &'a T {
        all[self.below(all.len())]
    }
}

/// A piece of a delivery that can be edited: the query, a header's value, the body.
fn piece(sent: &mut Sent, number: usize) -> Vec<u8> {
    match number.checked_sub(2) {
        Some(header) => sent.headers[header].1.clone().into_bytes(),
        None if number == 1 => sent.query.clone().into_bytes(),
        None => sent.body.clone(),
    }
}

fn replace(sent: &mut Sent, number: usize, new: Vec<u8>) {
    match (number.checked_sub(2), String::from_utf8(new)) {
        (None, Err(new)) if number == 0 => sent.body = new.into_bytes(),
        (None, Ok(new)) if number == 0 => sent.body = new.into(),
        (None, Ok(new)) if new.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>\"#\\^`{|}".contains(&byte)) => {
            sent.query = new
        }
        (Some(header), Ok(new)) if http::HeaderValue::from_str(&new).is_ok() => sent.headers[header].1 = new,
        // It cannot be sent.
        _ => {}
    }
}

const INSERTED: &[&[u8]] = &[
    b"0",
    b"1",
    b" ",
    b",",
    b"=",
    b".",
    b"&",
    b"+",
    b"%",
    b";",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b":",
    b"null",
    b"\xff",
    b"\0",
    b"v1=",
    b"v1,",
    b"&a=1",
    b"bodySHA256=",
    b"%26",
    b"\\u0030",
    b"\"type\":\"x\",",
    b"\"id\":\"x\",",
    b"\"event-data\":1,",
    b"\"token\":\"x\",",
];

/// Where values begin and end.
fn ends(text: &[u8]) -> Vec<usize> {
    let is_end = |at: &usize| text.get(*at).is_none_or(|byte| !byte.is_ascii_alphanumeric());
    (0..=text.len()).filter(is_end).filter(|_| !text.is_empty()).collect()
}

/// One change, of a kind that an attacker would think of.
fn edit(sent: &mut Sent, random: &mut Random) {
    let pieces = sent.headers.len() + 2;
    let (from, to) = (random.below(pieces), random.below(pieces));
    let mut old = piece(sent, from);
    let at = random.below(old.len() + 1);
    match random.below(9) {
        // Moves the end of one piece to the start of another, or the start to the end.
        0 | 1 if from != to => {
            let mut other = piece(sent, to);
            let count = random.below(12).min(old.len());
            if random.below(2) == 0 {
                let moved = old.split_off(old.len() - count);
                other.splice(0..0, moved);
            } else {
                other.extend(old.drain(..count));
            }
            replace(sent, to, other);
        }
        // The same with two values of a piece.
        2 if !ends(&old).is_empty() => {
            let (end, start) = (random.any(&ends(&old)), random.any(&ends(&old)));
            let byte = old.remove(end.saturating_sub(1));
            old.insert(start.saturating_add(1).min(old.len()), byte);
        }
        3 if !ends(&old).is_empty() => {
            let at = random.any(&ends(&old));
            drop(old.splice(at..at, random.of(INSERTED).iter().copied()));
        }
        4 if at < old.len() => drop(old.remove(at)),
        5 if at < old.len() => old[at] ^= 1 << random.below(8),
        6 => {
            // A part once more.
            let end = (at + random.below(40)).min(old.len());
            let part = old[at..end].to_vec();
            old.splice(at..at, part);
        }
        7 if from >= 2 => {
            let (name, value) = sent.headers[from - 2].clone();
            match random.below(4) {
                0 => return drop(sent.headers.remove(from - 2)),
                1 => return sent.headers.push((name, value)),
                2 => sent.headers[from - 2].0 = name.to_uppercase(),
                _ => {
                    let other = if name.starts_with("svix") {
                        name.replace("svix", "webhook")
                    } else {
                        name.replace("webhook", "svix")
                    };
                    sent.headers[from - 2].0 = other;
                }
            }
        }
        _ => {
            // Headers of the page that are not signed.
            let name = random.of(&[
                "x-github-event",
                "x-shopify-topic",
                "linear-delivery",
                "webhook-id",
                "svix-id",
                "x-request-uuid",
            ]);
            sent.headers.push((name.to_owned(), "x".to_owned()));
            return;
        }
    }
    replace(sent, from, old);
}

/// Twilio's own examples: of a form, and of a body with a digest.
fn twilio() -> [(Page, Given, Sent); 2] {
    let given = Given::secret("12345").url("https://mycompany.com/myapp.php?foo=1&bar=2");
    let form = "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212&Caller=%2B14158675309";
    let form = Sent::new(&[("x-twilio-signature", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")], form);
    let json = "{\"property\": \"value\", \"boolean\": true}";
    let query = "bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
    let json = Sent::new(&[("x-twilio-signature", "a9nBmqA0ju/hNViExpshrM61xv4=")], json).with_query(query);
    [form, json].map(|sent| (pages::TWILIO, given.clone(), sent))
}

/// I3: what verifies is the recorded delivery, and not another one that would be handled, too.
#[test]
fn no_second_delivery_is_made_of_a_recorded_one() {
    let rows = ROWS.iter().map(|(page, _)| {
        let (given, sent) = genuine(page);
        (*page, given, sent)
    });
    // It names no ID, and its body is not signed: nothing identifies a delivery.
    let rows = rows.filter(|(page, ..)| page.name != "MERCADO_PAGO").chain(twilio());
    let few = if std::env::var_os("COUNTERSIGN_TEST_ALL_CASES").is_some() { 16_000 } else { 1000 };
    for (page, given, recorded) in rows {
        let expected = page.accepts(&given, &recorded);
        let (mut random, mut accepted) = (Random(7), 0);
        // Where only fields are signed, more can be changed.
        for _ in 0..if page.scheme.covers_body() { few } else { 40 * few } {
            let mut sent = recorded.clone();
            (0..=random.below(3)).for_each(|_| edit(&mut sent, &mut random));
            let Ok(found) = page.verify(&given, &sent) else { continue };
            let body = String::from_utf8_lossy(&sent.body);
            assert_eq!(found, expected, "{}: ?{} {:?} {body}", page.name, sent.query, sent.headers);
            accepted += 1;
        }
        assert!(accepted > 0, "{}", page.name);
    }
}
