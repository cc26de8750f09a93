//! The six services that the stack stands in for, told apart by the first part of the path.

use serde::{Deserialize, Serialize};

/// A service the stack stands in for.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Face {
    /// Neon's SQL over HTTP, `/sql`.
    Sql,
    /// Upstash' Redis over HTTP, `/redis…`.
    Redis,
    /// SambaNova's chat completions, `/v1/…`.
    Model,
    /// Cloudflare Turnstile's siteverify, `/turnstile/…`.
    Turnstile,
    /// A host of mail, `/mail/…`.
    Mail,
    /// GitHub's sign-in, `/github/…`.
    GitHub,
}

impl Face {
    /// How many there are.
    pub const COUNT: usize = 6;
    /// Each of them, in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Sql, Self::Redis, Self::Model, Self::Turnstile, Self::Mail, Self::GitHub];

    /// As in the control plane.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::Redis => "redis",
            Self::Model => "model",
            Self::Turnstile => "turnstile",
            Self::Mail => "mail",
            Self::GitHub => "github",
        }
    }

    /// The face that answers at `path`. As at Neon, `/sql` also answers what is not a query, with an error.
    pub fn at(path: &str) -> Option<Self> {
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match first {
            "sql" => Some(Self::Sql),
            "redis" => Some(Self::Redis),
            "v1" => Some(Self::Model),
            "turnstile" => Some(Self::Turnstile),
            "mail" => Some(Self::Mail),
            "github" => Some(Self::GitHub),
            _ => None,
        }
    }
}
