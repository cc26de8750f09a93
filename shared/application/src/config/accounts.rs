//! Variables of the accounts.

use domain::AdminList;
use sha2::{Digest, Sha256};

use super::reader::VariableReader;

/// `ACCOUNTS_ENABLED`, and what belongs to it.
#[derive(Clone, Debug)]
pub struct Accounts {
    /// `ACCOUNTS_PEPPER`: without it what the database has of a password says nothing. Empty where a function has no use for it.
    pub pepper: String,
    /// Which pepper a stored password is of: it stands beside it, so that one of another pepper is not taken for a wrong one.
    pub pepper_id: String,
    /// `ADMIN_EMAILS`.
    pub admins: AdminList,
}

impl Accounts {
    /// Without any of them.
    pub(crate) const NONE: Self = Self { pepper: String::new(), pepper_id: String::new(), admins: AdminList::NONE };

    pub(super) fn read(reader: &VariableReader) -> Option<Self> {
        let is_on = reader.switch("ACCOUNTS_ENABLED");
        let pepper = reader.signing_secret("ACCOUNTS_PEPPER");
        let admins = AdminList::parse(&reader.text("ADMIN_EMAILS")).unwrap_or_else(|_| {
            let rule = "must be a list of e-mail addresses or accounts' ids, separated by commas";
            reader.complain("ADMIN_EMAILS", rule.to_owned())
        });
        if is_on && pepper.is_empty() && !reader.is_withheld("ACCOUNTS_PEPPER") {
            reader.complain::<()>("ACCOUNTS_PEPPER", "must be set while ACCOUNTS_ENABLED is true".to_owned());
        }
        let pepper_id = Sha256::digest(pepper.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        is_on.then_some(Self { pepper, pepper_id, admins })
    }
}
