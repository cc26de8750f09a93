//! Why an answer broke off or never began, as its row keeps it for the operator.

/// What went wrong with an answer. What its sender was told has the same name: `api`'s table of codes is held against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The model took too long.
    Timeout,
    /// The model is busy, or has no quota for us.
    Busy,
    /// The model could not answer, or broke off.
    Model,
    /// The branch is longer than the model can read.
    ContextTooLong,
    /// A store gave no answer.
    Store,
    /// The instance died, or ended without an outcome.
    Ours,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Timeout, Self::Busy, Self::Model, Self::ContextTooLong, Self::Store, Self::Ours];

    /// The code of the error that its sender is told.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Timeout => "provider_timeout",
            Self::Busy => "provider_rate_limited",
            Self::Model => "provider_error",
            Self::ContextTooLong => "context_too_long",
            Self::Store => "storage_unavailable",
            Self::Ours => "internal",
        }
    }
}
