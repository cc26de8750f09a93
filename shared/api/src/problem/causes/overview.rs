//! What a client sees of an error about the operator's figures.

use application::overview::OverviewError;

use super::super::{ErrorCode, Problem};

impl From<OverviewError> for Problem {
    fn from(error: OverviewError) -> Self {
        match error {
            OverviewError::NotAdmin => Self::new(ErrorCode::Forbidden, "This is for those who run the page."),
            OverviewError::NotYet => super::storage_unavailable("The figures are just being read. Please try again."),
            OverviewError::Store(cause) => cause.into(),
        }
    }
}
