//! What the API promises, route by route. Every answer is checked against `schema/openapi.json` as it comes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod accounts;
mod assets;
mod bodies;
mod claims;
mod configuration;
mod cross_origin;
mod farewell;
mod foreign;
mod github;
mod guests;
mod handover;
mod identities;
mod identity;
mod inputs;
mod logs;
mod mail;
mod maintenance;
mod messages;
mod notices;
mod openai;
mod own_identities;
mod own_passkeys;
mod own_password;
mod passkeys;
mod provider;
mod quota;
mod routing;
mod search;
mod sessions;
mod storage;
