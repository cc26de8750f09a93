//! The embedded store: the part of Redis 7 that Edgewise, its suites and the official clients use, in memory, with a snapshot on disk.
//! What it knows it answers as Redis does, which a test compares; commands and options that it does not know it refuses.
//!
//! Like Redis it runs every command and every script on one thread, one after the other: that is what makes scripts atomic.

mod commands;
mod hashes;
mod json;
mod keys;
mod keyspace;
mod number;
mod script;
mod sets;
mod snapshot;
mod strings;
mod thread;
mod zsets;

pub use script::ScriptKeys;
pub use thread::{Executed, Store};

/// A command that Redis refuses, with its words.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Refusal(pub String);

impl From<&str> for Refusal {
    fn from(words: &str) -> Self {
        Self(words.to_owned())
    }
}

impl Refusal {
    /// The value at the key is of another type.
    pub fn wrong_type() -> Self {
        Self::from("WRONGTYPE Operation against a key holding the wrong kind of value")
    }

    /// Options that do not fit.
    pub fn syntax() -> Self {
        Self::from("ERR syntax error")
    }

    /// Not an integer of 64 bits.
    pub fn not_an_integer() -> Self {
        Self::from("ERR value is not an integer or out of range")
    }

    /// A time of death that is no time.
    pub fn expire_time(command: &str) -> Self {
        Self(format!("ERR invalid expire time in '{command}' command"))
    }

    /// Too few or too many arguments.
    pub fn arity(command: &str) -> Self {
        Self(format!("ERR wrong number of arguments for '{command}' command"))
    }
}
