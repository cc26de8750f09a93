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
