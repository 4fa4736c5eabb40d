//! Handshakes: what a provider asks of an endpoint besides its deliveries, as const data.

pub(crate) mod check;
mod describe;
mod input;
mod reply;

pub use input::{Input, Mac};
pub use reply::{Reply, ReplyValue};

pub(crate) use reply::ReplyBody;

use crate::scheme::Place;

/// The most conditions of a handshake.
const MOST: usize = 4;

/// A handshake: a request by which a provider checks an endpoint, and the answer that it expects.
///
/// Providers send them when a webhook is set up, and again later: no handshake is a one-off. The
/// [`Receiver`](crate::adapter::Receiver) answers them in every adapter. The handler never sees one,
/// and none is deduplicated. A `tracing` event says that one was answered.
///
/// A handshake is data of a page, in [`Provider::HANDSHAKES`](crate::provider::Provider::HANDSHAKES).
///
/// * Without a proof: [`get`](Self::get), [`head`](Self::head), [`options`](Self::options),
///   [`post`](Self::post). It is answered before the body is read.
/// * With the proof of a delivery: [`signed`](Self::signed). It is answered once the proof is
///   checked, and before the event is claimed and handled.
///
/// ```
/// use countersign_core::provider::{Handshake, Input, Mac, Reply, ReplyValue, grammar::*};
///
/// // GET ?hub.mode=subscribe&hub.verify_token=…&hub.challenge=1158201444
/// const META: Handshake = Handshake::get()
///     .when(query("hub.mode"), "subscribe")
///     .verify_token(query("hub.verify_token"))
///     .answer(Reply::echo(query("hub.challenge")));
///
/// // POST {"type":"url_verification","challenge":"…"}, signed
/// const SLACK: Handshake =
///     Handshake::signed().when(json("type"), "url_verification").answer(Reply::echo(json("challenge")));
///
/// // POST {"type":1,…}, signed: {"type":1}
/// const DISCORD: Handshake =
///     Handshake::signed().when(json("type"), "1").has(json("token")).answer(Reply::json(r#"{"type":1}"#));
///
/// // GET ?crc_token=…: {"response_token":"sha256=…"}
/// const CRC_TOKEN: Mac = Mac::new(HmacSha256, query("crc_token"), Input::BASE64, Base64).prefix("sha256=");
/// const X: Handshake =
///     Handshake::get().answer(Reply::object(&[("response_token", ReplyValue::Mac(CRC_TOKEN))]));
///
/// // GET with a header: {"verification":"…"}
/// const OKTA: Handshake = Handshake::get()
///     .answer(Reply::object(&[("verification", ReplyValue::Echo(header("x-okta-verification-challenge")))]));
///
/// // OPTIONS by CloudEvents
/// const CLOUD_EVENTS: Handshake = Handshake::options()
///     .has(header("webhook-request-origin"))
///     .answer(Reply::headers(200, &[("webhook-allowed-origin", "*"), ("webhook-allowed-rate", "*")]));
/// ```
///
/// # Design
///
/// An endpoint that echoes whatever it is sent can be made to show a page of an attacker's. So an
/// echo is at most 1 KiB of printable ASCII, and `text/plain` or JSON that browsers must not read as
/// anything else (`nosniff`) and caches must not keep (`no-store`). An endpoint that answers with a
/// [`Mac`] computes signatures for whoever asks: see there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handshake {
    pub(crate) method: Method,
    pub(crate) conditions: [Option<Condition>; MOST],
    pub(crate) proof: Proof,
    pub(crate) reply: Reply,
}

/// A handshake that does not say yet how it is answered: see [`Handshake`].
/// [`answer`](Self::answer) completes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "`answer` completes the handshake"]
pub struct Challenge {
    method: Method,
    conditions: [Option<Condition>; MOST],
    proof: Proof,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Options,
    Post,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Is(Place, &'static str),
    Begins(Place, &'static str),
    Has(Place),
    HasNot(Place),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    None,
    Delivery,
    /// A verify token, which the user set.
    Token(Place),
}

impl Handshake {
    /// Begins a handshake by GET. A place that it needs for its answer has to be in the request.
    pub const fn get() -> Challenge {
        Challenge::new(Method::Get, Proof::None)
    }

    /// Begins a handshake by HEAD.
    pub const fn head() -> Challenge {
        Challenge::new(Method::Head, Proof::None)
    }

    /// Begins a handshake by OPTIONS.
    pub const fn options() -> Challenge {
        Challenge::new(Method::Options, Proof::None)
    }

    /// Begins a handshake by POST without a proof, which is told from deliveries by its head. Its
    /// body is not read.
    ///
    /// A request with the scheme's header or query parameter is a delivery. If the provider sends
    /// these in the handshake as well, such as a token in the URL, use [`signed`](Self::signed). If
    /// the proof is in the body, a delivery that fits the conditions is lost: choose what no delivery
    /// has.
    pub const fn post() -> Challenge {
        Challenge::new(Method::Post, Proof::None)
    }

    /// Begins a handshake by POST with the proof of a delivery. If the proof covers the body, it has
    /// to cover every place of a condition: a page on which it does not does not compile.
    pub const fn signed() -> Challenge {
        Challenge::new(Method::Post, Proof::Delivery)
    }

    /// Returns the method, such as `GET`.
    pub const fn method(&self) -> &'static str {
        match self.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Options => "OPTIONS",
            Method::Post => "POST",
        }
    }

    /// Returns whether it has the proof of a delivery.
    pub const fn is_signed(&self) -> bool {
        matches!(self.proof, Proof::Delivery)
    }

    /// Returns the place of the verify token, if it has one. Users set the token with
    /// [`with_verify_token`](crate::Verifier::with_verify_token).
    pub const fn token_place(&self) -> Option<Place> {
        match self.proof {
            Proof::Token(place) => Some(place),
            Proof::None | Proof::Delivery => None,
        }
    }

    /// Every place that it reads.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        let conditions = self.conditions.iter().flatten().map(Condition::place);
        conditions.chain(self.token_place()).chain(self.reply.places())
    }
}

impl Challenge {
    const fn new(method: Method, proof: Proof) -> Self {
        Self { method, conditions: [None; MOST], proof }
    }

    /// Takes only requests in which the value at `place` is `value`. Numbers in JSON are compared as
    /// written.
    ///
    /// # Panics
    ///
    /// Panics if it is the fifth condition. In a const, that is a compile error: define handshakes
    /// as consts.
    pub const fn when(self, place: Place, value: &'static str) -> Self {
        self.with(Condition::Is(place, value))
    }

    /// Takes only requests in which the value at `place` begins with `start`.
    ///
    /// # Panics
    ///
    /// Panics like [`when`](Self::when). In a const, that is a compile error.
    pub const fn when_begins(self, place: Place, start: &'static str) -> Self {
        self.with(Condition::Begins(place, start))
    }

    /// Takes only requests with one value at `place`.
    ///
    /// # Panics
    ///
    /// Panics like [`when`](Self::when). In a const, that is a compile error.
    pub const fn has(self, place: Place) -> Self {
        self.with(Condition::Has(place))
    }

    /// Takes only requests without a value at `place`.
    ///
    /// # Panics
    ///
    /// Panics like [`when`](Self::when). In a const, that is a compile error.
    pub const fn has_no(self, place: Place) -> Self {
        self.with(Condition::HasNot(place))
    }

    /// Demands a verify token at `place`: a second secret, which the user makes up and gives to both
    /// sides. It is compared in constant time.
    ///
    /// # Panics
    ///
    /// Panics if the handshake has a proof. In a const, that is a compile error.
    pub const fn verify_token(mut self, place: Place) -> Self {
        assert!(matches!(self.proof, Proof::None), "this handshake has a proof: remove `.verify_token(…)`");
        self.proof = Proof::Token(place);
        self
    }

    /// Completes the handshake with its answer.
    ///
    /// # Panics
    ///
    /// Panics if the handshake makes no sense. In a const, that is a compile error: define
    /// handshakes as consts.
    pub const fn answer(self, reply: Reply) -> Handshake {
        let Self { method, conditions, proof } = self;
        let handshake = Handshake { method, conditions, proof, reply };
        check::handshake(&handshake);
        handshake
    }

    #[expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "const code over a const")]
    const fn with(mut self, condition: Condition) -> Self {
        let mut i = 0;
        while i < MOST {
            if self.conditions[i].is_none() {
                self.conditions[i] = Some(condition);
                return self;
            }
            i += 1;
        }
        #[expect(clippy::panic, reason = "documented: a compile error")]
        {
            panic!("a handshake has at most four conditions: remove one")
        }
    }
}

impl Condition {
    pub(crate) const fn place(&self) -> Place {
        match *self {
            Self::Is(place, _) | Self::Begins(place, _) | Self::Has(place) | Self::HasNot(place) => place,
        }
    }
}
