//! Who is asking.

use crate::UserId;

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Came without an account.
    Guest,
    /// Has an account.
    User,
    /// Runs the place: no daily limit.
    Admin,
}

impl Role {
    /// The name in tokens, answers and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Guest => "guest",
            Self::User => "user",
            Self::Admin => "admin",
        }
    }

    /// Reads a name; `None` for a role that does not exist.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Guest, Self::User, Self::Admin].into_iter().find(|role| role.name() == name)
    }
}

/// A person as their token proves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// Their role.
    pub role: Role,
}
