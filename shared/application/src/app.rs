//! What a use case works with: the platform, the configuration, the clients, and the request it serves.

use std::borrow::Cow;
use std::rc::Rc;

use domain::{Limits, MessageId, RequestId, Role, SessionId, User, UserId};
use infrastructure::model::Model;
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
}

impl App {
    /// Puts the clients together. Nothing is sent.
    #[must_use]
    pub fn new(platform: Platform, config: Rc<Config>, request_log: RequestLog) -> Self {
        let postgres = Postgres::new(Rc::clone(&platform.http), &config.sql_endpoint, &config.database_url);
        let redis = Redis::new(Rc::clone(&platform.http), &config.redis_url, &config.redis_token);
        let model = Model::new(Rc::clone(&platform.upstream), &config.model_base, &config.model_key);
        Self { platform, config, request: request_log.request(), request_log, postgres, redis, model }
    }

    /// What `user` may do.
    #[must_use]
    pub fn limits(&self, user: &User) -> Limits {
        Limits {
            per_minute: self.config.per_minute,
            per_day: (user.role != Role::Admin).then_some(self.config.per_day),
            streams: self.config.streams,
        }
    }

    /// A new session's id.
    #[must_use]
    pub fn session_id(&self) -> SessionId {
        SessionId::new(self.platform.clock.now(), self.fresh())
    }

    /// A new user's id.
    #[must_use]
    pub fn user_id(&self) -> UserId {
        UserId::new(self.platform.clock.now(), self.fresh())
    }

    /// Ids of a question and its answer; they sort in this order, though both are made in the same millisecond.
    #[must_use]
    pub(crate) fn turn_ids(&self) -> (MessageId, MessageId) {
        let now = self.platform.clock.now();
        let next = now.checked_add(jiff::SignedDuration::from_millis(1)).unwrap_or(now);
        (MessageId::new(now, self.fresh()), MessageId::new(next, self.fresh()))
    }

    /// Any number.
    pub(crate) fn random(&self) -> u32 {
        let mut bytes = [0; 4];
        self.platform.random.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn fresh(&self) -> [u8; 10] {
        let mut bytes = [0; 10];
        self.platform.random.fill(&mut bytes);
        bytes
    }

    /// Writes an event of docs/LOGGING.md, if `LOG_LEVEL` lets it through.
    pub fn log(&self, level: Level, message: impl Into<Cow<'static, str>>, fields: Vec<(&'static str, Field)>) {
        self.request_log.write(level, message, fields);
    }
}
