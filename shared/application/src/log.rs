//! The log of one request: every line of it, also those of its work in the background, says which request, which trace and who.

use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

use domain::{RequestId, UserId};
use platform::{Clock, Field, Level, Log, Platform, Record};

/// Cheap to clone; all clones know the user once one of them does.
#[derive(Clone)]
pub struct RequestLog {
    clock: Rc<dyn Clock>,
    log: Rc<dyn Log>,
    least: Level,
    request: RequestId,
    trace: Option<Rc<str>>,
    user: Rc<Cell<Option<UserId>>>,
}

impl RequestLog {
    /// The log of `request`; lines below `least` are left out.
    #[must_use]
    pub fn new(platform: &Platform, least: Level, request: RequestId, trace: Option<String>) -> Self {
        let (clock, log) = (Rc::clone(&platform.clock), Rc::clone(&platform.log));
        Self { clock, log, least, request, trace: trace.map(Rc::from), user: Rc::default() }
    }

    /// The request.
    #[must_use]
    pub fn request(&self) -> RequestId {
        self.request
    }

    /// A token has proven who asks.
    pub fn proven(&self, user: UserId) {
        self.user.set(Some(user));
    }

    /// Writes an event of docs/LOGGING.md.
    pub fn write(&self, level: Level, message: impl Into<Cow<'static, str>>, fields: Vec<(&'static str, Field)>) {
        if level < self.least {
            return;
        }
        let mut all: Vec<(&'static str, Field)> = vec![("request_id", self.request.to_string().into())];
        if let Some(trace) = &self.trace {
            all.push(("trace_id", trace.to_string().into()));
        }
        if let Some(user) = self.user.get() {
            all.push(("user_id", user.to_string().into()));
        }
        all.extend(fields);
        let timestamp = self.clock.now().to_string();
        self.log.write(&Record { level, timestamp, message: message.into(), fields: all });
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use futures::future::LocalBoxFuture;
    use jiff::Timestamp;

    use super::*;

    struct Epoch;

    impl Clock for Epoch {
        fn now(&self) -> Timestamp {
            Timestamp::UNIX_EPOCH
        }

        fn sleep(&self, _: Duration) -> LocalBoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    #[derive(Default)]
    struct Lines(RefCell<Vec<Vec<&'static str>>>);

    impl Log for Lines {
        fn write(&self, record: &Record) {
            self.0.borrow_mut().push(record.fields.iter().map(|(name, _)| *name).collect());
        }
    }

    #[test]
    fn every_line_says_which_request_which_trace_and_who_once_that_is_proven() {
        let lines = Rc::new(Lines::default());
        let request = RequestId::new(Timestamp::UNIX_EPOCH, [0; 10]);
        let (clock, log, trace) = (Rc::new(Epoch), lines.clone(), Some(Rc::from("trace")));
        let log = RequestLog { clock, log, least: Level::Info, request, trace, user: Rc::default() };
        let in_background = log.clone();
        let write = |log: &RequestLog, level| log.write(level, "line", vec![("own", "field".into())]);
        write(&log, Level::Info);
        log.proven(UserId::new(Timestamp::UNIX_EPOCH, [0; 10]));
        write(&in_background, Level::Warn);
        write(&in_background, Level::Debug);
        let expected = [vec!["request_id", "trace_id", "own"], vec!["request_id", "trace_id", "user_id", "own"]];
        assert_eq!(*lines.0.borrow(), expected);
    }
}
