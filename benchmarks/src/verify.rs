//! Verification of one delivery: by countersign, by what users would use instead, and the limit.

use aws_lc_rs::hmac as aws;
use bytes::Bytes;
use countersign::{Verifier, providers::ScreenshotCenter};
use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use ring::hmac as ring;
use sha2::Sha256;

use crate::rounds::Contender;

/// Body sizes, in bytes.
pub const SIZES: [usize; 4] = [256, 1024, 64 * 1024, 1024 * 1024];

pub const SECRET: &str = "benchmark-secret-of-32-bytes-....";
const HEADER: &str = "x-screenshotcenter-signature";

/// JSON of exactly `size` bytes.
fn body(size: usize) -> Vec<u8> {
    let mut body = br#"{"event":"screenshot.finished","data":""#.to_vec();
    body.resize(size - 2, b'x');
    body.extend(br#""}"#);
    body
}

fn tag(body: &[u8]) -> [u8; 32] {
    ring::sign(&ring::Key::new(ring::HMAC_SHA256, SECRET.as_bytes()), body).as_ref().try_into().unwrap()
}

/// The head of a delivery.
fn head(signature: &str) -> Request<()> {
    Request::post("/webhooks/screenshotcenter")
        .header("host", "example.com")
        .header("user-agent", "ScreenshotCenter/1.0")
        .header("accept", "*/*")
        .header("content-type", "application/json")
        .header("content-length", "1024")
        .header("x-screenshotcenter-event", "screenshot.finished")
        .header(HEADER, signature)
        .header("x-request-id", "0b4f2f9e-4d30-4f6c-9c2c-4b9c5f1f2a77")
        .body(())
        .unwrap()
}

fn verifier() -> Verifier<ScreenshotCenter> {
    Verifier::new(SECRET).with_body_limit(2 * 1024 * 1024)
}

fn signature(body: &[u8]) -> String {
    format!("sha256={}", hex::encode(tag(body)))
}

/// Reads `sha256=` and hex: for all contenders with this grammar.
fn decoded(headers: &HeaderMap, name: &HeaderName) -> Option<[u8; 32]> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    let mut tag = [0; 32];
    hex::decode_to_slice(value.as_bytes().strip_prefix(b"sha256=")?, &mut tag).ok()?;
    Some(tag)
}

/// All contenders, for one body; `ring` with a cached key is the reference.
pub fn contenders(size: usize) -> Vec<Contender<'static>> {
    let body = Bytes::from_static(body(size).leak());
    let signature = signature(&body);
    let request = head(&signature);
    let name = HeaderName::from_static(HEADER);
    let (headers, hooks) = (request.headers().clone(), standard_headers(&body));

    let mut contenders = Vec::new();
    contenders.push({
        let (key, headers, name, body) =
            (ring::Key::new(ring::HMAC_SHA256, SECRET.as_bytes()), headers.clone(), name.clone(), body.clone());
        Contender::new("ring, cached key", move || {
            ring::verify(&key, &body, &decoded(&headers, &name).unwrap()).unwrap();
        })
    });
    contenders.push({
        let (verifier, request, body) = (verifier(), request, body.clone());
        Contender::new("countersign", move || verifier.verify_only(&request, body.clone()).unwrap())
    });
    contenders.push({
        let (limit, headers, name, body) = (Floor::new(), headers.clone(), name.clone(), body.clone());
        Contender::new("limit: only the compressions", move || {
            assert_eq!(limit.mac(&body), decoded(&headers, &name).unwrap());
        })
    });
    contenders.push({
        let key = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        let (headers, name, body) = (headers.clone(), name.clone(), body.clone());
        Contender::new("hmac, cached key", move || {
            key.clone().chain_update(&body).verify_slice(&decoded(&headers, &name).unwrap()).unwrap();
        })
    });
    contenders.push({
        let (key, headers, name, body) =
            (aws::Key::new(aws::HMAC_SHA256, SECRET.as_bytes()), headers.clone(), name.clone(), body.clone());
        Contender::new("aws-lc-rs, cached key", move || {
            aws::verify(&key, &body, &decoded(&headers, &name).unwrap()).unwrap();
        })
    });
    contenders.push({
        let (headers, body) = (headers.clone(), body.clone());
        Contender::new("hmac, key set up per call", move || {
            let value = headers.get(HEADER).unwrap().to_str().unwrap().strip_prefix("sha256=").unwrap();
            let tag = hex::decode(value).unwrap();
            Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap().chain_update(&body).verify_slice(&tag).unwrap();
        })
    });
    contenders.push({
        let secret = webhook_verify::Secret::new(SECRET.to_owned());
        let mut headers = headers;
        headers.insert("x-hub-signature-256", HeaderValue::from_str(&signature).unwrap());
        let body = body.clone();
        Contender::new("webhook-verify", move || {
            webhook_verify::verify(webhook_verify::Provider::GitHub, &headers, &body, &secret, Default::default())
                .unwrap();
        })
    });
    contenders.push({
        let webhook = standardwebhooks::Webhook::from_bytes(SECRET.into()).unwrap();
        let (headers, body) = (hooks.clone(), body.clone());
        Contender::new("standardwebhooks", move || webhook.verify(&body, &headers).unwrap())
    });
    contenders.push({
        let webhook = svix::webhooks::Webhook::from_bytes(SECRET.into()).unwrap();
        Contender::new("svix", move || webhook.verify(&body, &hooks).unwrap())
    });
    contenders
}

/// The same delivery, signed by Standard Webhooks.
fn standard_headers(body: &[u8]) -> HeaderMap {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64;
    let webhook = standardwebhooks::Webhook::from_bytes(SECRET.into()).unwrap();
    let signature = webhook.sign("msg_1", now, body).unwrap();
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "example.com"),
        ("user-agent", "Sender/1.0"),
        ("accept", "*/*"),
        ("content-type", "application/json"),
        ("webhook-id", "msg_1"),
        ("webhook-timestamp", &now.to_string()),
        ("webhook-signature", &signature),
    ] {
        headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    headers
}

/// A valid delivery, two forged ones that differ in the wrong digit, and a malformed one.
pub fn forgeries(size: usize) -> Vec<Contender<'static>> {
    let body = Bytes::from_static(body(size).leak());
    let right = tag(&body);
    let contender = |name: &str, signature: String, is_right: bool| {
        let (verifier, request, body) = (verifier(), head(&signature), body.clone());
        Contender::new(name, move || {
            let verified = verifier.verify_only(&request, body.clone());
            assert_eq!(verified.is_ok(), is_right);
            verified
        })
    };
    let forged = |change: fn(&mut [u8; 32])| {
        let mut tag = right;
        change(&mut tag);
        format!("sha256={}", hex::encode(tag))
    };
    vec![
        contender("valid", forged(|_| {}), true),
        contender("first digit wrong", forged(|tag| tag[0] ^= 0x80), false),
        contender("last digit wrong", forged(|tag| tag[31] ^= 1), false),
        contender("malformed: one digit short", format!("sha256={}", &hex::encode(right)[1..]), false),
    ]
}

/// HMAC with only the compression function.
struct Floor {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl Floor {
    const START: [u32; 8] =
        [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

    fn new() -> Self {
        let keyed = |pad: u8| {
            let mut block = [pad; 64];
            SECRET.bytes().zip(&mut block).for_each(|(key, byte)| *byte ^= key);
            let mut state = Self::START;
            sha2::block_api::compress256(&mut state, &[block]);
            state
        };
        Self { inner: keyed(0x36), outer: keyed(0x5c) }
    }

    fn mac(&self, body: &[u8]) -> [u8; 32] {
        let digest = Self::finish(self.inner, body);
        Self::finish(self.outer, &digest)
    }

    fn finish(mut state: [u32; 8], message: &[u8]) -> [u8; 32] {
        let (blocks, rest) = message.as_chunks::<64>();
        sha2::block_api::compress256(&mut state, blocks);
        let mut last = [[0; 64]; 2];
        let padded = last.as_flattened_mut();
        padded[..rest.len()].copy_from_slice(rest);
        padded[rest.len()] = 0x80;
        let count = if rest.len() < 56 { 1 } else { 2 };
        let bits = ((message.len() + 64) * 8) as u64;
        padded[count * 64 - 8..count * 64].copy_from_slice(&bits.to_be_bytes());
        sha2::block_api::compress256(&mut state, &last[..count]);
        let mut digest = [0; 32];
        for (word, bytes) in state.iter().zip(digest.as_chunks_mut::<4>().0) {
            *bytes = word.to_be_bytes();
        }
        digest
    }
}
