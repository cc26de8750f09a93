//! Where a user stands, and which run writes an answer of theirs.

use std::time::Duration;

use domain::{Limits, MessageId, RequestId, Standing, User, UserId};
use jiff::Timestamp;
use wire::upstash::{Command, Encoding, Reply};

use super::accounts::ended;
use super::client::Redis;
use super::keys::{self, Run};
use super::reply::unexpected;
use super::user_value::UserValue;
use crate::StoreError;

/// How far a run has come, as its user's value knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// It is on its way.
    Running,
    /// Its instance has died: its lease is over, and nobody has settled it.
    Dead,
    /// It has ended, or there was none.
    Over,
}

impl Redis {
    /// Whether Redis answers at all.
    ///
    /// # Errors
    /// [`StoreError`] as for every call.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.command(&Command::new(["PING"]), self.timeout).await.map(|_| ())
    }

    /// Where a user stands.
    ///
    /// # Errors
    /// [`StoreError`] as for every call, also where the caller's token has ended.
    pub async fn standing(&self, caller: &User, limits: Limits) -> Result<Standing, StoreError> {
        let (now, value) = self.value_of(caller, caller.id).await?;
        Ok(value.standing(now, limits))
    }

    /// How far a run of `caller`'s has come. A lease before the first byte is shorter than that may take: `wait` beyond its end a run still counts as on its way.
    ///
    /// # Errors
    /// [`StoreError`] as for every call, also where the caller's token has ended.
    pub async fn state_of(&self, caller: &User, run: Run, wait: Duration) -> Result<RunState, StoreError> {
        let (now, value) = self.value_of(caller, run.user).await?;
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        Ok(match value.lease_of(run.request) {
            None => RunState::Over,
            Some(ends) if ends.saturating_add(wait) > now.as_millisecond() => RunState::Running,
            Some(_) => RunState::Dead,
        })
    }

    /// What is known of `user`, who is or was `caller`, and the present by Redis' clock.
    async fn value_of(&self, caller: &User, user: UserId) -> Result<(Timestamp, UserValue), StoreError> {
        let commands =
            [Command::new(["TIME"]), Command::new(["MGET".to_owned(), keys::user(user), keys::ended_of(caller)])];
        let replies = self.pipeline(&commands, self.timeout, Encoding::Plain).await?;
        let [time, value] = replies.as_slice() else { return Err(unexpected("two replies")) };
        let (seconds, micros) = (time.item(0)?.integer()?, time.item(1)?.integer()?);
        let now = Timestamp::from_millisecond(seconds.saturating_mul(1_000).saturating_add(micros / 1_000));
        let now = now.map_err(|_| unexpected("a time"))?;
        match value.item(1)?.optional_text()? {
            Some(text) => Err(ended(text)),
            None => Ok((now, parse(value.item(0)?)?)),
        }
    }

    /// The run that writes an answer of `user` at present, as far as Redis knows it.
    ///
    /// # Errors
    /// [`StoreError`] as for every call.
    pub async fn run_of(&self, user: UserId, answer: MessageId) -> Result<Option<RequestId>, StoreError> {
        let value = self.command(&Command::new(["GET".to_owned(), keys::user(user)]), self.timeout).await?;
        Ok(parse(&value)?.run_of(answer))
    }
}

fn parse(value: &Reply) -> Result<UserValue, StoreError> {
    UserValue::parse(value.optional_text()?.unwrap_or_default()).ok_or_else(|| unexpected("what is known of a user"))
}
