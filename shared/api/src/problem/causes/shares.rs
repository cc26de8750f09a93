//! What a client sees of an error about links to branches.

use application::shares::ShareError;
use domain::{MOST_SHARES, ShareLife, ShareLifeError};

use super::super::{ErrorCode, Problem, ProblemDetail};

impl From<ShareError> for Problem {
    fn from(error: ShareError) -> Self {
        match error {
            ShareError::NoSuchSession => Self::session_not_found(),
            ShareError::NoSuchMessage => Self::not_found(),
            ShareError::NoSuchShare => Self::new(
                ErrorCode::NotFound,
                "This link shows nothing. It may have ended, or its owner has revoked it.",
            ),
            ShareError::InProgress => {
                Self::new(ErrorCode::GenerationInProgress, "The answer is still on its way.").wait(1)
            }
            ShareError::Stale => {
                Self::new(ErrorCode::StaleRevision, "This link was changed meanwhile. Please look at it again.")
            }
            ShareError::TooMany => {
                let message = "You have as many links as can be kept. Please revoke some of them first.";
                let detail = ProblemDetail::new(ErrorCode::TooManyShares, message);
                ProblemDetail { limit: Some(u64::from(MOST_SHARES)), ..detail }.into()
            }
            ShareError::NotTried(error) => error.into(),
            ShareError::NotLetIn(error) => error.into(),
            ShareError::Store(cause) => cause.into(),
        }
    }
}

impl From<ShareLifeError> for Problem {
    fn from(_: ShareLifeError) -> Self {
        Self::out_of_range("expires_in", ShareLife::LEAST_SECONDS, ShareLife::MOST_SECONDS)
    }
}
