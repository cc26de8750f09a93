//! Standard error, a line each.

use std::io::Write;

use platform::{Log, Record};

/// Standard error.
pub(crate) struct StandardError;

impl Log for StandardError {
    fn write(&self, record: &Record) {
        // A closed standard error is no reason to stop serving.
        let _lost = writeln!(std::io::stderr(), "{}", record.to_json());
    }
}
