//! What the API promises, route by route. Every answer is checked against `schema/openapi.json` as it comes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod accounts;
mod api_keys;
mod assets;
mod blocks;
mod bodies;
mod claims;
mod configuration;
mod contexts;
mod cross_origin;
mod day;
mod devices;
mod embed;
mod farewell;
mod feedback;
mod figures;
mod foreign;
mod github;
mod guests;
mod guide;
mod handover;
mod health;
mod identities;
mod identity;
mod imports;
mod inputs;
mod list_tags;
mod logs;
mod mail;
mod maintenance;
mod messages;
mod model_choice;
mod notices;
mod one_shot;
mod openai;
mod own_identities;
mod own_passkeys;
mod own_password;
mod passkeys;
mod provider;
mod quota;
mod responses;
mod routing;
mod search;
mod sessions;
mod shared_branches;
mod shares;
mod socket;
mod storage;
mod temporary;
mod titles;
mod trips;
mod verified_addresses;
