//! Every key of ours in Redis. What is kept under each is told by the scripts.

use std::fmt::Display;

use domain::{IdempotencyKey, RequestId, User, UserId};

/// Every key of this product begins so, for a Redis that is shared with others.
const PREFIX: &str = "chat";

/// One run of an answer, by the request that made it: its charge and its replay buffer are known by it, so that both are made once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// The user who is charged and owns the answer.
    pub user: UserId,
    /// The request.
    pub request: RequestId,
}

/// What all share: the breaker, the money, the models that are gone.
pub(super) fn all() -> String {
    format!("{PREFIX}:all")
}

/// What was refused, by day and verdict.
pub(super) fn refusals() -> String {
    format!("{PREFIX}:stats")
}

/// What an operator was told of late.
pub(super) fn overview() -> String {
    format!("{PREFIX}:overview")
}

/// Whose turn it is to ask for more of it.
pub(super) fn overview_turn() -> String {
    format!("{PREFIX}:overview:turn")
}

/// What is known of a user: the day, the minute, the running answers.
pub(super) fn user(user: UserId) -> String {
    format!("{PREFIX}:user:{user}")
}

/// Where a request comes from, as hashes that change every day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// What is counted together: an IPv4 address, or an IPv6 /48.
    pub pool: String,
    /// The IPv6 /64 within the pool, counted as one sender. Empty for IPv4: the pool itself is counted.
    pub net: String,
}

/// Work that a client has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The challenge's nonce; each is accepted once.
    pub nonce: String,
    /// Zero bits the challenge asked for.
    pub bits: u32,
}

/// The nonce and the bits as the scripts want them.
pub(super) fn proof(proof: Option<&Proof>) -> [String; 2] {
    proof.map_or_else(|| [String::new(), "0".to_owned()], |proof| [proof.nonce.clone(), proof.bits.to_string()])
}

/// That a device or a user has ended, whose tokens are still good by themselves.
pub(super) fn ended(id: impl Display) -> String {
    format!("{PREFIX}:ended:{id}")
}

/// Where it is known that a caller's token has ended.
pub(super) fn ended_of(caller: &User) -> String {
    caller.device.map_or_else(|| ended(caller.id), ended)
}

/// What is known of an API key.
pub(super) fn api_key(hash: &str) -> String {
    format!("{PREFIX}:key:{hash}")
}

/// How often something was tried.
pub(super) fn tries(of: &str, by: &str) -> String {
    format!("{PREFIX}:tries:{of}:{by}")
}

/// That a challenge was answered.
pub(super) fn challenge(nonce: &str) -> String {
    format!("{PREFIX}:challenge:{nonce}")
}

/// What is handed out once.
pub(super) fn once(of: &str, hash: &str) -> String {
    format!("{PREFIX}:once:{of}:{hash}")
}

/// What is known of an address.
pub(super) fn address(address: &Address) -> String {
    format!("{PREFIX}:address:{}", address.pool)
}

/// What an idempotency key stands for.
pub(super) fn claim(user: UserId, key: &IdempotencyKey) -> String {
    format!("{PREFIX}:claim:{user}:{key}")
}

/// The replay buffer of a run.
pub(super) fn replay_buffer(Run { user, request }: Run) -> String {
    format!("{PREFIX}:replay:{user}:{request}")
}

/// Whether somebody follows a run.
pub(super) fn followed(Run { user, request }: Run) -> String {
    format!("{PREFIX}:followed:{user}:{request}")
}

/// A wish that a run should end.
pub(super) fn stop(Run { user, request }: Run) -> String {
    format!("{PREFIX}:stop:{user}:{request}")
}

/// The places of a user's followers.
pub(super) fn followers(user: UserId) -> String {
    format!("{PREFIX}:readers:{user}")
}
