//! What keeps a chat from coming in.

use application::imports::ImportError;

use crate::problem::Problem;

impl From<ImportError> for Problem {
    fn from(error: ImportError) -> Self {
        match error {
            ImportError::NoImport => Self::no_import(),
            ImportError::NoPart => Self::no_part(),
            ImportError::NoParent(at) => Self::invalid_field(
                &format!("messages[{at}].parent"),
                "A message must follow one that stands before it.",
            ),
            ImportError::NotTried(error) => error.into(),
            ImportError::Session(error) => error.into(),
        }
    }
}

impl Problem {
    /// The import has no name of its own.
    pub(crate) fn no_import() -> Self {
        Self::invalid_field("import_id", "`import_id` must be a UUIDv7, and not of a moment to come.")
    }

    /// The part has no message, or too many.
    pub(crate) fn no_part() -> Self {
        Self::invalid_field("messages", "A part must have 1 to 200 messages, and a chat at most 10000.")
    }
}
