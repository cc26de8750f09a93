//! What a use case works with: the platform, the configuration, the clients, and the request it serves.

use std::borrow::Cow;
use std::fmt::Display;
use std::rc::Rc;
use std::time::Duration;

use bytes::Bytes;
use domain::{Action, DeviceId, Limits, MessageId, RequestId, Role, SessionId, TurnIds, User, UserId};
use infrastructure::StoreError;
use infrastructure::model::{Model, write_event};
use infrastructure::postgres::Postgres;
use infrastructure::redis::Redis;
use platform::{Field, Level, Platform};

use crate::Config;
use crate::log::RequestLog;

/// Built for every request; cheap, all of it is shared.
#[derive(Clone)]
pub struct App {
    /// The way to the outside.
    pub platform: Platform,
    /// What the operator wants.
    pub config: Rc<Config>,
    /// The request being served.
    pub request: RequestId,
    /// Its log.
    pub request_log: RequestLog,
    pub(crate) postgres: Postgres,
    pub(crate) redis: Redis,
    pub(crate) model: Model,
    fault_event: FaultEvent,
}

/// What may go wrong in a stream after its response has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamFault {
    /// Upstream broke off.
    BrokenOff,
    /// The answer could not be stored yet.
    NotSaved,
}

/// What a stream's reader is told of a fault: an event's name, and our error as JSON, in the words of the API.
pub type FaultEvent = fn(StreamFault, RequestId) -> (&'static str, String);

impl App {
    /// Pauses before further tries of a call that nobody makes later if it is given up: a settlement, a refund, the end of a user's tokens.
    pub(crate) const AGAIN_AFTER: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

    /// Puts the clients together. Nothing is sent.
    #[must_use]
    pub fn new(platform: Platform, config: Rc<Config>, request_log: RequestLog, fault_event: FaultEvent) -> Self {
        let sql = Rc::clone(&platform.sql);
        let postgres = Postgres::new(sql, &config.sql_endpoint, &config.database_url, config.database_timeout);
        let http = Rc::clone(&platform.http);
        let redis = Redis::new(http, &config.redis_url, &config.redis_token, config.redis_timeout);
        let model = Model::new(Rc::clone(&platform.upstream), &config.model_base, &config.model_key);
        Self { platform, config, request: request_log.request(), request_log, postgres, redis, model, fault_event }
    }

    /// What `user` may do.
    #[must_use]
    pub fn limits(&self, user: &User) -> Limits {
        Limits {
            per_minute: self.config.per_minute,
            per_day: (user.role != Role::Admin).then_some(self.config.per_day),
            answers: self.config.answers,
        }
    }

    /// A new session's id.
    #[must_use]
    pub fn new_session_id(&self) -> SessionId {
        SessionId::new(self.platform.clock.now(), self.fresh())
    }

    /// A new user's id.
    #[must_use]
    pub fn new_user_id(&self) -> UserId {
        UserId::new(self.platform.clock.now(), self.fresh())
    }

    /// A new device's id.
    pub(crate) fn new_device_id(&self) -> DeviceId {
        DeviceId::new(self.platform.clock.now(), self.fresh())
    }

    /// Ids of what a turn adds. Question and answer sort in this order, though both are made in the same millisecond.
    #[must_use]
    pub(crate) fn new_turn_ids(&self, action: &Action) -> TurnIds {
        let now = self.platform.clock.now();
        let next = now.checked_add(jiff::SignedDuration::from_millis(1)).unwrap_or(now);
        let answer = match action {
            // Nothing says later which run has written it: its own id does.
            Action::Temporary { .. } => MessageId::from_bytes(self.request.to_bytes()),
            _ => action.continues().unwrap_or_else(|| MessageId::new(next, self.fresh())),
        };
        TurnIds {
            session: action.session().unwrap_or_else(|| self.new_session_id()),
            question: MessageId::new(now, self.fresh()),
            answer,
        }
    }

    /// 32 random bits, for a retry's pause.
    pub(crate) fn random(&self) -> u32 {
        let mut bytes = [0; 4];
        self.platform.random.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn fresh(&self) -> [u8; 10] {
        self.fresh_bytes()
    }

    /// Random bytes that nobody can guess.
    pub(crate) fn fresh_bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.platform.random.fill(&mut bytes);
        bytes
    }

    /// Writes an event of docs/LOGGING.md, if `LOG_LEVEL` lets it through.
    pub fn log(&self, level: Level, message: impl Into<Cow<'static, str>>, fields: Vec<(&'static str, Field)>) {
        self.request_log.write(level, message, fields);
    }

    /// Writes what failed and why.
    pub(crate) fn log_cause(&self, level: Level, message: &'static str, cause: &impl Display) {
        self.log(level, message, vec![("cause", cause.to_string().into())]);
    }

    /// Makes a call of a store that is safe to repeat, and again after each of `pauses` while it fails. `None`: the last try failed, too. The log
    /// is told the first of `words` of each failure, the second of the last one.
    pub(crate) async fn keep_trying<T>(
        &self,
        pauses: &[Duration],
        words: [&'static str; 2],
        call: impl AsyncFn() -> Result<T, StoreError>,
    ) -> Option<T> {
        let [not_yet, given_up] = words;
        let mut pauses = pauses.iter();
        loop {
            let error = match call().await {
                Ok(done) => return Some(done),
                Err(error) => error,
            };
            let Some(pause) = pauses.next() else {
                self.log_cause(Level::Error, given_up, &error);
                return None;
            };
            self.log_cause(Level::Warn, not_yet, &error);
            self.platform.clock.sleep(*pause).await;
        }
    }

    /// The event that ends this request's stream because of `fault`.
    pub(crate) fn fault_event(&self, fault: StreamFault) -> Bytes {
        let (name, data) = (self.fault_event)(fault, self.request);
        write_event(name, &data).into()
    }
}
