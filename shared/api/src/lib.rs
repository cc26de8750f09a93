//! Our HTTP contract: routes, inputs, responses, errors, headers. The same on every runtime.
//!
//! A runtime calls [`Service::serve`] with a request of the `http` crate and sends the response out; everything a client can see is decided here.

mod access_log;
pub mod accounts;
mod answers;
pub mod auth;
mod browser;
mod caller;
pub mod configuration;
mod cookies;
mod endpoint;
pub mod handover;
mod headers;
mod input;
pub mod mail;
pub mod maintenance;
pub mod me;
pub mod messages;
pub mod meta;
mod names;
pub mod openai;
#[cfg(test)]
mod openapi;
pub mod passkeys;
mod problem;
pub mod providers;
pub mod quota;
mod request;
mod response;
mod router;
pub mod search;
mod service;
pub mod sessions;
mod token;

pub use application::config::Complaint;
pub use endpoint::{Access, Endpoint};
pub use headers::common as common_headers;
pub use request::Incoming;
pub use response::Body;
pub use service::{ConfigState, Service, maintain};

/// The tables of accounts and of their operator: a component on Spin, a module of its own in the Worker.
pub const ACCOUNTS: &[&[Endpoint]] = &[
    accounts::ENDPOINTS,
    mail::ENDPOINTS,
    maintenance::ENDPOINTS,
    me::ENDPOINTS,
    passkeys::ENDPOINTS,
    providers::ENDPOINTS,
];

/// All others: the Worker's first module, a component each on Spin.
pub const CHAT: &[&[Endpoint]] = &[
    auth::ENDPOINTS,
    handover::ENDPOINTS,
    sessions::ENDPOINTS,
    search::ENDPOINTS,
    messages::ENDPOINTS,
    quota::ENDPOINTS,
    configuration::ENDPOINTS,
    openai::ENDPOINTS,
    meta::ENDPOINTS,
];

/// Every table there is.
pub const TABLES: [&[&[Endpoint]]; 2] = [CHAT, ACCOUNTS];
