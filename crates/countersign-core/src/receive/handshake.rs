//! Handshakes: which request is one, and its answer.

use super::{
    answer::Answer,
    delivery::Verified,
    head::{HeadSource, RequestHead},
    settings::Settings,
};
use crate::{
    error::{Allowed, Rejection, RejectionDetail, RejectionKind},
    handshake::{Handshake, Proof, Reply, ReplyValue, check},
    proof::{Asked, KeptHead},
    provider::Provider,
    scheme::Key,
    secret::Secrets,
};

/// What a delivery becomes, if no handler is to see it.
pub(super) enum Stop {
    Rejected(Rejection),
    /// It was a handshake.
    Answered(Answer),
}

impl From<Rejection> for Stop {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

/// Whether signed handshakes are answered.
pub(super) enum Signed {
    /// No: a verifier alone has no answers, and takes them for deliveries.
    Delivered,
    /// Yes, by a receiver, with what they need of the head.
    Answered(Option<Box<KeptHead>>),
}

impl Signed {
    /// For a receiver.
    #[inline]
    pub(super) fn answered<P: Provider>(head: &impl RequestHead) -> Self {
        if const { !check::any(P::HANDSHAKES, false) } {
            return Self::Delivered;
        }
        Self::Answered(KeptHead::of_handshakes(&HeadSource(head), P::HANDSHAKES).map(Box::new))
    }

    /// Returns an error, which is the answer, if a verified delivery is a handshake.
    #[inline]
    pub(super) fn stop<P: Provider>(
        &self,
        verified: &Verified<P>,
        found: Option<&Secrets>,
        settings: &Settings<P>,
    ) -> Result<(), Stop> {
        if const { !check::any(P::HANDSHAKES, false) } {
            return Ok(());
        }
        let Self::Answered(head) = self else { return Ok(()) };
        let no_head = KeptHead::new("POST", None);
        let source = head.as_deref().unwrap_or(&no_head);
        for handshake in P::HANDSHAKES.iter().filter(|handshake| handshake.is_signed()) {
            let Some(asked) = Asked::verified(handshake, source, verified.body()) else { continue };
            if asked.meets(handshake) {
                let secrets = found.or(settings.mac_secrets.as_ref());
                let position = verified.matched_secret().position();
                let secret = secrets.and_then(|secrets| secrets.iter().nth(position));
                let body = asked.answer(&handshake.reply, &key::<P>(), secret).map_err(rejection)?;
                return Err(Stop::Answered(answered::<P>(&handshake.reply, body)));
            }
        }
        Ok(())
    }
}

/// Answers a handshake that needs no body. `None` if the request is none.
#[inline]
pub(super) fn at_head<P: Provider>(settings: &Settings<P>, head: &impl RequestHead) -> Option<Answer> {
    if const { !check::any(P::HANDSHAKES, true) } {
        return None;
    }
    let source = HeadSource(head);
    let asked = Asked::at_head(&source);
    let is_it = |handshake: &&Handshake| {
        let is_by_method = !handshake.is_signed() && handshake.method() == head.method();
        let may_be = is_by_method && asked.meets(handshake) && asked.has_values(handshake);
        // A delivery that meets the conditions must not be lost.
        may_be && !(head.method() == "POST" && asked.has_proof(const { &P::SCHEME }))
    };
    let handshake = P::HANDSHAKES.iter().find(is_it)?;
    let answer = || {
        if let Some(sources) = &settings.sources {
            sources.check(head)?;
        }
        if let Proof::Token(place) = &handshake.proof {
            let unset = "there is no verify token to compare: set it with `with_verify_token`";
            let tokens = settings.verify_token.as_ref().ok_or_else(|| rejection(unset))?;
            asked.check_token(place, tokens)?;
        }
        // Nobody can say which secret a request without a proof is about: the first.
        let secret = settings.mac_secrets.as_ref().and_then(|secrets| secrets.iter().next());
        let body = asked.answer(&handshake.reply, &key::<P>(), secret).map_err(rejection)?;
        Ok(answered::<P>(&handshake.reply, body))
    };
    Some(answer().unwrap_or_else(Answer::rejected::<P>))
}

/// Logs a handshake, without a value of the request.
fn answered<P: Provider>(reply: &Reply, body: String) -> Answer {
    tracing::info!(
        target: "countersign", provider = P::NAME, reason = "handshake", status = reply.status,
        "handshake answered without running the handler"
    );
    Answer::handshake(reply, body)
}

fn key<P: Provider>() -> Key {
    P::SCHEME.key().unwrap_or(Key::Verbatim)
}

fn rejection(why: &'static str) -> Rejection {
    RejectionKind::HandshakeRejected.with(RejectionDetail::Handshake(why))
}

/// Rejects a verified body whose MAC an attacker could have got as the answer to a handshake: their own
/// text, or one of a recorded signed handshake.
#[inline]
pub(super) fn check_body<P: Provider>(body: &[u8]) -> Result<(), Rejection> {
    if const { !check::is_open(&P::SCHEME, P::HANDSHAKES) } {
        return Ok(());
    }
    let could_be_asked = |value: &ReplyValue| matches!(value, ReplyValue::Mac(mac) if mac.input.may_have(body));
    if P::HANDSHAKES.iter().flat_map(|handshake| handshake.reply.values()).any(|(_, value)| could_be_asked(value)) {
        let why = "a handshake is answered with the MAC of such a body, so that its signature proves nothing";
        return Err(RejectionKind::SignatureMismatch.with(RejectionDetail::Handshake(why)));
    }
    Ok(())
}

/// Returns the methods of the endpoint, for the answer to a request that is neither a delivery nor a
/// handshake. A framework knows the methods of the resource, but not those of handshakes.
pub(super) fn allowed<P: Provider>(head: &impl RequestHead) -> Allowed {
    let is_any = |method: &str| P::HANDSHAKES.iter().any(|handshake| handshake.method() == method);
    match (is_any("GET"), is_any("HEAD"), is_any("OPTIONS")) {
        (false, false, false) if head.adds_allow() => Allowed::Framework,
        // The method is that of a handshake. The request is none, so that only a delivery is left.
        _ if is_any(head.method()) => Allowed::Post,
        (false, false, false) => Allowed::Post,
        (true, false, false) => Allowed::Get,
        (false, true, false) => Allowed::Head,
        (false, false, true) => Allowed::Options,
        (true, true, false) => Allowed::GetHead,
        (true, false, true) => Allowed::GetOptions,
        (false, true, true) => Allowed::HeadOptions,
        (true, true, true) => Allowed::GetHeadOptions,
    }
}
