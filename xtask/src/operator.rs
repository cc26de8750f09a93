//! The operator's two commands: `setup` makes a deployment of three accounts, `doctor` says what is wrong with one and what to do.
//!
//! Both ask the vendors and the deployed address themselves, with the variables that the functions get. No sentence holds a secret:
//! faults are made of hosts, names and numbers, and what a vendor says is searched for secrets before it is shown.

mod accounts;
mod call;
mod clock;
mod database;
mod fault;
mod given;
mod hosts;
mod mail;
mod message;
mod model;
mod providers;
mod publish;
mod questions;
mod redis;
mod served;
mod variables;

pub mod doctor;
pub mod set_up;
