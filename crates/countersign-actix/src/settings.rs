//! What the middleware and its service share.

use std::{fmt, sync::Arc};

use actix_web::HttpResponse;
use countersign_core::{
    Rejection,
    adapter::{Answer, Receiver, Why},
    provider::Provider,
};

use crate::rejection::{of_answer, rejected};

pub(crate) type Respond = dyn Fn(&Rejection) -> HttpResponse + Send + Sync;

/// The receiver, and the user's own response to rejections.
pub(crate) struct Settings<P: Provider> {
    pub(crate) receiver: Receiver<P>,
    pub(crate) respond: Option<Arc<Respond>>,
}

impl<P: Provider> Settings<P> {
    pub(crate) fn response(&self, answer: &Answer) -> HttpResponse {
        match answer.why() {
            Why::Rejected(rejection) => self.rejected(rejection),
            _ => of_answer(answer),
        }
    }

    pub(crate) fn rejected(&self, rejection: &Rejection) -> HttpResponse {
        let problem = || of_answer(&Answer::from(rejection.clone()));
        rejected(self.respond.as_ref().map_or_else(problem, |respond| respond(rejection)), rejection)
    }
}

impl<P: Provider> Clone for Settings<P> {
    fn clone(&self) -> Self {
        Self { receiver: self.receiver.clone(), respond: self.respond.clone() }
    }
}

impl<P: Provider> fmt::Debug for Settings<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.receiver.fmt(f)
    }
}
