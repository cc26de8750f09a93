//! `console.log`: Workers keeps each call as one line.

use platform::{Log, Record};

/// The runtime's console.
pub(crate) struct ConsoleLog;

impl Log for ConsoleLog {
    fn write(&self, record: &Record) {
        web_sys::console::log_1(&record.to_json().into());
    }
}
