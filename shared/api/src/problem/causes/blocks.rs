//! What an admin sees of an error about whom they look at or shut out.

use application::blocks::BlockError;
use application::overview::OverviewError;

use super::super::{ErrorCode, Problem};

impl From<BlockError> for Problem {
    fn from(error: BlockError) -> Self {
        match error {
            BlockError::NotAdmin => OverviewError::NotAdmin.into(),
            BlockError::WrongEnd => Self::invalid_request("until", "`until` must be within the next 31 days."),
            BlockError::Nobody => Self::not_found(),
            BlockError::IsAdmin => Self::new(ErrorCode::IsAdmin, "An admin cannot be shut out."),
            BlockError::Store(cause) => cause.into(),
        }
    }
}
