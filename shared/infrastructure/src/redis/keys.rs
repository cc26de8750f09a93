//! Every key of ours in Redis. What is kept under each is told by the scripts.
//!
//! A replay buffer's keys are called `log` and `run` since before it had its name: renamed, the answers that run during a deployment
//! would lose theirs.

use domain::{IdempotencyKey, MessageId, RequestId, UserId};

/// Every key of this product begins so, for a Redis that is shared with others.
const PREFIX: &str = "chat";

/// What a charge is known by: repeated under the same id, it is made once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargeId {
    /// Who is charged.
    pub user: UserId,
    /// For which request.
    pub request: RequestId,
}

impl ChargeId {
    /// Where its receipt is.
    pub(super) fn receipt(self) -> String {
        format!("{}{}", receipts(self.user), self.request)
    }
}

/// Prefix of a user's receipts; a request's id follows.
pub(super) fn receipts(user: UserId) -> String {
    format!("{PREFIX}:charge:{user}:")
}

/// Where a user stands: the minute, the leases of running answers, and the prefix of the day's counter.
pub(super) fn counters(user: UserId) -> Vec<String> {
    vec![format!("{PREFIX}:rate:{user}:minute"), leases(user), format!("{PREFIX}:quota:daily:{user}:")]
}

/// The leases of a user's running answers.
pub(super) fn leases(user: UserId) -> String {
    format!("{PREFIX}:streams:{user}")
}

/// What every script with the breaker in it begins with: [`counters`], a receipt or the prefix of receipts, the breaker.
pub(super) fn charged(user: UserId, receipt: String) -> Vec<String> {
    let mut keys = counters(user);
    keys.extend([receipt, format!("{PREFIX}:breaker")]);
    keys
}

/// What an idempotency key stands for; empty without one.
pub(super) fn claim(user: UserId, key: Option<&IdempotencyKey>) -> String {
    key.map(|key| format!("{PREFIX}:idem:{user}:{key}")).unwrap_or_default()
}

/// Which request continues an answer; empty without one.
pub(super) fn continued(user: UserId, answer: Option<MessageId>) -> String {
    answer.map(|answer| format!("{PREFIX}:continued:{user}:{answer}")).unwrap_or_default()
}

/// An answer's replay buffer: its bytes, and its run.
pub(super) fn replay_buffer(answer: MessageId) -> [String; 2] {
    [format!("{PREFIX}:log:{answer}"), replay_run(answer)]
}

/// Which run fills an answer's replay buffer, and how it stands with it.
pub(super) fn replay_run(answer: MessageId) -> String {
    format!("{PREFIX}:run:{answer}")
}

/// The places of a user's readers.
pub(super) fn readers(user: UserId) -> String {
    format!("{PREFIX}:readers:{user}")
}

/// Prefix of the day's counters of an address; a day follows.
pub(super) fn address(hash: &str) -> String {
    format!("{PREFIX}:ip:{hash}:")
}
