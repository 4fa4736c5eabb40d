//! Who takes part.

use std::fmt;

use crate::deliveries::Dialect;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framework {
    Axum,
    Actix,
}

impl fmt::Display for Framework {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Axum => "axum",
            Self::Actix => "actix-web",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    BareBytes,
    BareTyped,
    HandBytes,
    HandTyped,
    FromFn,
    WebhookVerify,
    TowerGithubWebhook,
    AxumStandardwebhooks,
    OursBytes,
    OursTyped,
    OursRotation,
    OursDedupe,
    OursLookup,
    OursAll,
}

use Kind::*;

/// Everybody there is for axum, the reference first.
const AXUM: &[Kind] = &[
    BareBytes,
    BareTyped,
    HandBytes,
    OursBytes,
    HandTyped,
    OursTyped,
    FromFn,
    WebhookVerify,
    TowerGithubWebhook,
    AxumStandardwebhooks,
    OursRotation,
    OursDedupe,
    OursLookup,
    OursAll,
];

const ACTIX: &[Kind] =
    &[BareBytes, BareTyped, HandBytes, OursBytes, HandTyped, OursTyped, OursRotation, OursDedupe, OursLookup, OursAll];

/// Who takes part with larger bodies.
const OF_ANY_SIZE: &[Kind] = &[BareBytes, BareTyped, HandBytes, OursBytes, HandTyped, OursTyped, FromFn];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contender {
    pub framework: Framework,
    pub kind: Kind,
}

impl Framework {
    pub const ALL: [Self; 2] = [Self::Axum, Self::Actix];

    pub fn contenders(self) -> Vec<Contender> {
        let kinds = match self {
            Self::Axum => AXUM,
            Self::Actix => ACTIX,
        };
        kinds.iter().map(|&kind| self.with(kind)).collect()
    }

    pub fn contenders_of_any_size(self) -> Vec<Contender> {
        self.contenders().into_iter().filter(|contender| OF_ANY_SIZE.contains(&contender.kind)).collect()
    }

    pub fn with(self, kind: Kind) -> Contender {
        Contender { framework: self, kind }
    }
}

impl Contender {
    /// As the server's argument.
    pub fn named(name: &str) -> Option<Self> {
        Framework::ALL.into_iter().flat_map(Framework::contenders).find(|contender| contender.name() == name)
    }

    pub fn name(self) -> String {
        format!("{:?}-{:?}", self.framework, self.kind)
    }

    pub fn verifies(self) -> bool {
        !matches!(self.kind, BareBytes | BareTyped)
    }

    pub fn dialect(self) -> Dialect {
        match self.kind {
            WebhookVerify | TowerGithubWebhook => Dialect::GitHub,
            AxumStandardwebhooks => Dialect::StandardWebhooks,
            _ => Dialect::ScreenScore,
        }
    }

    /// Who does the same by hand.
    pub fn by_hand(self) -> Self {
        match self.kind {
            BareBytes | HandBytes | OursBytes => self.framework.with(HandBytes),
            _ => self.framework.with(HandTyped),
        }
    }
}

/// For tables.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BareBytes => "bare: `Bytes`, unverified",
            BareTyped => "bare: `Json`, unverified",
            HandBytes => "by hand in the handler: `Bytes`",
            HandTyped => "by hand in the handler: typed",
            FromFn => "by hand in `from_fn`, then `Json`",
            WebhookVerify => "webhook-verify in the handler: typed",
            TowerGithubWebhook => "tower-github-webhook, then `Json`",
            AxumStandardwebhooks => "axum-standardwebhooks with `Json`",
            OursBytes => "**countersign: `Bytes`**",
            OursTyped => "**countersign: typed**",
            OursRotation => "countersign: typed, two secrets",
            OursDedupe => "countersign: typed, each handled once",
            OursLookup => "countersign: typed, secret looked up",
            OursAll => "countersign: typed, all three",
        })
    }
}
