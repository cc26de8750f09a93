//! How long a reader waits for more of an answer, and what is done meanwhile.

use std::time::Duration;

/// A reader who is sent nothing for this long is sent a comment: proxies keep the connection, and a lost one is noticed.
const COMMENT_AFTER: Duration = Duration::from_secs(10);

/// After this long without a new event the row is read, too: the recorder may have died.
pub(super) const ROW_AFTER: Duration = Duration::from_secs(3);

/// How long a reader has waited.
#[derive(Default)]
pub(super) struct Patience {
    /// Since something new came.
    quiet: Duration,
    /// Since the row was read.
    since_row: Duration,
    /// Since anything was written.
    silent: Duration,
}

/// What is to be done after a pause.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Due {
    /// The row is read.
    pub(super) row: bool,
    /// A comment is written.
    pub(super) comment: bool,
}

impl Patience {
    /// Whether the row, just read, may know of an end: without a buffer it alone does; with one it is asked when the buffer stands still.
    pub(super) fn row_knows(&self, is_in_buffer: bool) -> bool {
        self.since_row.is_zero() && (!is_in_buffer || self.quiet >= ROW_AFTER)
    }

    /// Counts a pause; `moved`: something was handed out before it. A row is read each `row_every` without anything new.
    pub(super) fn after(&mut self, pause: Duration, moved: bool, row_every: Duration) -> Due {
        self.quiet = if moved { Duration::ZERO } else { self.quiet + pause };
        self.silent = if moved { Duration::ZERO } else { self.silent + pause };
        self.since_row += pause;
        let due =
            Due { row: self.quiet >= row_every && self.since_row >= row_every, comment: self.silent >= COMMENT_AFTER };
        if due.row {
            self.since_row = Duration::ZERO;
        }
        if due.comment {
            self.silent = Duration::ZERO;
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_is_read_while_nothing_new_comes_and_a_silent_reader_is_sent_a_comment() {
        let second = Duration::from_secs(1);
        let mut patience = Patience::default();
        assert!(patience.row_knows(false) && !patience.row_knows(true), "at the beginning only a row without a buffer");
        // After this many seconds in all: whether something was handed out, whether row and comment are due.
        let due = |patience: &mut Patience, moved| {
            let Due { row, comment } = patience.after(second, moved, ROW_AFTER);
            (row, comment)
        };
        let expected = [(3, true, false), (6, true, false), (9, true, false), (10, false, true), (12, true, false)];
        for at in 1..=13 {
            let found = due(&mut patience, false);
            let known = expected.iter().find(|(then, ..)| *then == at).map_or((false, false), |(_, a, b)| (*a, *b));
            assert_eq!(found, known, "after {at} s");
            assert_eq!(patience.row_knows(true), found.0, "the row, just read, after {at} s");
        }
        assert_eq!(due(&mut patience, true), (false, false), "something came");
        assert_eq!([due(&mut patience, false), due(&mut patience, false)], [(false, false); 2]);
        assert_eq!(due(&mut patience, false), (true, false), "three seconds after it");
    }
}
