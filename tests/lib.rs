//! The client of the black-box suites: it talks to a running server and to the local stack's control plane, over HTTP only.
//!
//! A suite promises things about the contract and knows no runtime: the same tests run against every server that `BASE_URL` names.
//! Each test has visitors of its own, so all run side by side; each ends with [`Visitor::leaves`], which fails on leftovers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

mod answer;
mod authenticator;
pub mod clock;
pub mod control;
mod environment;
mod openapi;
pub mod openid;
mod processes;
pub mod proof;
mod reader;
mod server;
pub mod stores;
pub mod tokens;
mod visitor;
mod waiting;
mod world;

pub use answer::{Answer, before_late_save, is_stored_late, said};
pub use authenticator::{Algorithm, Authenticator};
pub use environment::{WHERE_THINGS_ARE, optional_variable, variable};
pub use openapi::Contract;
pub use reader::Reader;
pub use server::{Call, PATIENT, Server, fresh_address};
pub use visitor::{Scene, Visitor};
pub use waiting::{eventually, within};
pub use world::World;
