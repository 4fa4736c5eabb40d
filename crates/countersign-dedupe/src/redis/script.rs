//! The calls of the store: scripts that recognize what an earlier attempt did, and how often they are repeated.

use std::time::Duration;

use countersign_core::dedupe::{Claim, Forgotten, LeaseState, LeaseToken};
use redis::{ErrorKind, FromRedisValue, RedisError, Script};
use tokio::time::{Instant, timeout};

use super::connection::{Connection, Numbered, timed_out};

/// A time in milliseconds that is longer than any retention, and that Redis can add to its own.
const FOREVER: u128 = 1000 * 60 * 60 * 24 * 365 * 100;

/// The timeout of one attempt. Two fit into the default store timeout of `Dedupe`.
const ANSWER_TIMEOUT: Duration = Duration::from_millis(400);

/// A caller that stops waiting after this long had a connection that does not answer.
const SUSPICIOUS: Duration = Duration::from_millis(100);

/// The timeout of a call, for callers that have none.
const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// The number of times that a call is sent.
const ATTEMPTS: u32 = 4;

/// The value of a key is the token of a lease, or `done` and the token of the lease that was committed.
const CLAIM: &str = "
local held = redis.call('GET', KEYS[1])
if not held then
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 'new ' .. ARGV[1]
end
if string.sub(held, 1, 4) == 'done' then return 'done ' .. ARGV[1] end
if held == ARGV[1] and ARGV[3] == 'again' then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
    return 'new ' .. ARGV[1]
end
return 'in flight ' .. ARGV[1]
";

const RENEW: &str = "
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'not renewed ' .. ARGV[1] end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'renewed ' .. ARGV[1]
";

const COMMIT: &str = "
local held = redis.call('GET', KEYS[1])
local done = 'done ' .. ARGV[1]
if held == done and ARGV[3] == 'again' then return 'committed ' .. ARGV[1] end
if held ~= ARGV[1] then return 'not committed ' .. ARGV[1] end
redis.call('SET', KEYS[1], done, 'PX', ARGV[2])
return 'committed ' .. ARGV[1]
";

const RELEASE: &str = "
local held = redis.call('GET', KEYS[1])
if held == ARGV[1] then redis.call('DEL', KEYS[1]) end
if held == ARGV[1] or (not held and ARGV[3] == 'again') then return 'released ' .. ARGV[1] end
return 'not released ' .. ARGV[1]
";

/// Only a delivery that was handled: a lease belongs to its holder.
const FORGET: &str = "
local held = redis.call('GET', KEYS[1])
local is_done = held and string.sub(held, 1, 4) == 'done'
if is_done then redis.call('DEL', KEYS[1]) end
if is_done or (not held and ARGV[3] == 'again') then return 'forgotten ' .. ARGV[1] end
if held then return 'in flight ' .. ARGV[1] end
return 'not found ' .. ARGV[1]
";

#[derive(Clone)]
pub(super) struct Scripts {
    pub(super) claim: Call<Claim>,
    pub(super) renew: Call<LeaseState>,
    pub(super) commit: Call<LeaseState>,
    pub(super) release: Call<LeaseState>,
    pub(super) forget: Call<Forgotten>,
}

impl Scripts {
    pub(super) fn new() -> Self {
        let call = |script, held, lost| Call {
            script: Script::new(script),
            answers: Vec::from([(held, LeaseState::Held), (lost, LeaseState::Lost)]),
        };
        let answers =
            [("forgotten", Forgotten::Removed), ("not found", Forgotten::NotFound), ("in flight", Forgotten::InFlight)];
        let claims = [("new", Claim::New), ("done", Claim::Done), ("in flight", Claim::InFlight)];
        Self {
            claim: Call { script: Script::new(CLAIM), answers: claims.into() },
            renew: call(RENEW, "renewed", "not renewed"),
            commit: call(COMMIT, "committed", "not committed"),
            release: call(RELEASE, "released", "not released"),
            forget: Call { script: Script::new(FORGET), answers: answers.into() },
        }
    }
}

/// A script, and the meaning of its answers.
#[derive(Clone)]
pub(super) struct Call<T> {
    script: Script,
    answers: Vec<(&'static str, T)>,
}

impl<T: Copy> Call<T> {
    pub(super) async fn run(
        &self,
        connection: &Connection,
        key: String,
        token: LeaseToken,
        time: Duration,
    ) -> Result<T, RedisError> {
        let (token, time) = (token.to_string(), time.as_millis().clamp(1, FOREVER).to_string());
        let attempts = async {
            let mut broken = 0;
            for attempt in 1.. {
                let mut current = Attempt::on(connection, broken).await?;
                let mut call = self.script.prepare_invoke();
                call.key(&key).arg(&token).arg(&time).arg(if attempt == 1 { "first" } else { "again" });
                let answer = timeout(ANSWER_TIMEOUT, call.invoke_async(&mut current.numbered.connection)).await;
                let answer = answer.unwrap_or_else(|_| Err(timed_out())).and_then(|answer| self.read(answer, &token));
                match answer {
                    // Another connection may lead to a server, or to rights, that this one does not have.
                    Err(error) => {
                        broken = current.report();
                        if attempt == ATTEMPTS {
                            return Err(error);
                        }
                    }
                    Ok(answer) => {
                        current.is_answered = true;
                        return Ok(answer);
                    }
                }
            }
            Err(timed_out())
        };
        timeout(CALL_TIMEOUT, attempts).await.unwrap_or_else(|_| Err(connection.failure()))
    }

    /// An answer repeats the token. Anything else is the answer to another call, or of another kind of server.
    fn read(&self, answer: redis::Value, token: &str) -> Result<T, RedisError> {
        let answer = String::from_redis_value(answer)?;
        let word = answer.strip_suffix(token).and_then(|word| word.strip_suffix(' '));
        let meaning = self.answers.iter().find(|(expected, _)| Some(*expected) == word);
        let unexpected = (ErrorKind::UnexpectedReturnType, "an answer that does not belong to the call");
        meaning.map(|(_, meaning)| *meaning).ok_or_else(|| unexpected.into())
    }
}

/// A call that was sent. If its caller stops waiting and no answer came for long, it reports the connection.
struct Attempt<'a> {
    connection: &'a Connection,
    numbered: Numbered,
    since: Instant,
    is_answered: bool,
}

impl<'a> Attempt<'a> {
    /// Waits for a connection that is newer than `broken`.
    async fn on(connection: &'a Connection, broken: u64) -> Result<Self, RedisError> {
        let numbered = connection.after(broken).await?;
        Ok(Self { connection, numbered, since: Instant::now(), is_answered: false })
    }

    /// Returns the number of the connection.
    fn report(&self) -> u64 {
        self.connection.report(&self.numbered)
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if !self.is_answered && self.since.elapsed() >= SUSPICIOUS {
            self.report();
        }
    }
}
