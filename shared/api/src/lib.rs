//! Our HTTP contract: routes, inputs, responses, errors, headers. The same on every runtime.
//!
//! A runtime calls [`Service::serve`] with a request of the `http` crate and sends the response out; everything a client can see is decided here.

mod access_log;
pub mod accounts;
mod answers;
pub mod api_keys;
mod asked;
pub mod auth;
pub mod blocks;
mod browser;
mod caller;
pub mod configuration;
pub mod contexts;
mod cookies;
mod counters;
pub mod embed;
mod endpoint;
pub mod feedback;
pub mod handover;
mod headers;
pub mod imports;
mod input;
pub mod mail;
pub mod maintenance;
pub mod me;
pub mod messages;
pub mod meta;
pub mod metrics;
mod names;
pub mod one_shot;
pub mod openai;
#[cfg(test)]
mod openapi;
pub mod overview;
mod page_policy;
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
mod shared_page;
pub mod shares;
mod shown;
pub mod socket;
pub mod status;
pub mod temporary;
mod token;

pub use application::config::Complaint;
pub use counters::{Asked, Counter};
pub use endpoint::{Access, Endpoint};
pub use headers::common as common_headers;
pub use request::Incoming;
pub use response::Body;
pub use service::{ConfigState, Service, maintain};

/// The tables of accounts, of links, of what is said of oneself and of answers, of other sites and of the operator: components on Spin, a module of their own in the Worker.
pub const ACCOUNTS: &[&[Endpoint]] = &[
    accounts::ENDPOINTS,
    api_keys::ENDPOINTS,
    blocks::ENDPOINTS,
    imports::ENDPOINTS,
    contexts::ENDPOINTS,
    embed::ENDPOINTS,
    feedback::ENDPOINTS,
    mail::ENDPOINTS,
    maintenance::ENDPOINTS,
    me::ENDPOINTS,
    metrics::ENDPOINTS,
    overview::ENDPOINTS,
    passkeys::ENDPOINTS,
    providers::ENDPOINTS,
    shares::ENDPOINTS,
    status::ENDPOINTS,
];

/// All others: the Worker's first module, a component each on Spin.
pub const CHAT: &[&[Endpoint]] = &[
    auth::ENDPOINTS,
    handover::ENDPOINTS,
    sessions::ENDPOINTS,
    search::ENDPOINTS,
    messages::ENDPOINTS,
    temporary::ENDPOINTS,
    quota::ENDPOINTS,
    configuration::ENDPOINTS,
    openai::ENDPOINTS,
    openai::RESPONSES,
    one_shot::ENDPOINTS,
    socket::ENDPOINTS,
    meta::ENDPOINTS,
];

/// Every table there is.
pub const TABLES: [&[&[Endpoint]]; 2] = [CHAT, ACCOUNTS];
