//! Standard error, a line each: Spin keeps it in a file per component, or shows it.

use std::io::Write;

use platform::{Log, Record};

/// Standard error.
pub(crate) struct StandardError;

impl Log for StandardError {
    fn write(&self, record: &Record) {
        let mut line = record.to_json();
        line.push('\n');
        // One call, so that lines of two instances do not mix. A closed standard error is no reason to stop serving.
        let _lost = std::io::stderr().write_all(line.as_bytes());
    }
}
