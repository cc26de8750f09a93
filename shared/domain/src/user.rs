//! Who is asking.

use jiff::Timestamp;

use crate::{DeviceId, UserId};

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
    /// When the token was issued; `None`: it does not say.
    pub issued_at: Option<Timestamp>,
    /// The device that it was issued to; `None`: a guest's is everywhere.
    pub device: Option<DeviceId>,
    /// The guest that this account was until a day ago at most.
    pub was: Option<UserId>,
    /// An account of which nobody knows whose it is: no address of theirs was verified. It shares in what its network address may do, as guests do.
    pub is_unverified: bool,
}

impl User {
    /// Whether they are counted by themselves: guests, and accounts of which nobody knows whose they are, are counted with their address, too.
    #[must_use]
    pub fn stands_alone(&self) -> bool {
        self.role != Role::Guest && !self.is_unverified
    }

    /// Somebody of whose token nothing more is known.
    #[must_use]
    pub fn new(id: UserId, role: Role) -> Self {
        Self { id, role, issued_at: None, device: None, was: None, is_unverified: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verified_account_alone_is_not_counted_with_its_address() {
        for (role, is_unverified, alone) in [
            (Role::Guest, false, false),
            (Role::Guest, true, false),
            (Role::User, false, true),
            (Role::User, true, false),
            (Role::Admin, false, true),
            (Role::Admin, true, false),
        ] {
            let user = User { is_unverified, ..User::new(UserId::new(Timestamp::UNIX_EPOCH, [1; 10]), role) };
            assert_eq!(user.stands_alone(), alone, "{role:?}, unverified: {is_unverified}");
        }
    }
}
