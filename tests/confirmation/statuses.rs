//! Statuses that say nothing of the screenshot.

use crate::{
    api::{Api, answer},
    deliveries::{completed, genuine},
    receivers::Adapter,
};

for_both![an_answer_that_decides_nothing_is_503_and_the_retry_is_accepted,];

fn an_answer_that_decides_nothing_is_503_and_the_retry_is_accepted(adapter: Adapter) {
    let (api, tell) = Api::told();
    let receiver = adapter.receiver(api.client());
    for undecided in [
        500, 501, 502, 503, 504, 507, 511, 520, 599, 999, 429, 401, 403, 201, 202, 203, 204, 205, 206, 207, 226, 300,
        301, 302, 303, 304, 305, 306, 307, 308, 399, 400, 402, 405, 406, 407, 408, 409, 411, 415, 418, 421, 422, 425,
        426, 451, 499,
    ] {
        // With a body that would agree.
        tell(answer(undecided, completed().to_string()));
        receiver.is_undecided(&genuine());
        assert_eq!(api.take_seen().len(), 1, "{undecided}: it is the provider that tries again");
        tell(answer(200, completed().to_string()));
        receiver.accepts(&genuine());
        assert_eq!(api.take_seen().len(), 1, "{undecided}");
    }
}
