//! Where a user stands, and which run writes an answer of theirs.

use std::time::Duration;

use domain::{Limits, MessageId, RequestId, Standing, User, UserId};
use jiff::Timestamp;
use wire::upstash::{Command, Encoding, Reply};

use super::accounts::ended;
use super::client::Redis;
use super::keys::{self, Run};
use super::overview::AllValue;
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

    /// Where a user stands, and the ids of the models that were found gone not long ago.
    ///
    /// # Errors
    /// [`StoreError`] as for every call, also where the caller's token has ended.
    pub async fn standing(&self, caller: &User, limits: Limits) -> Result<(Standing, Vec<String>), StoreError> {
        let (now, value, all) = self.values_of(caller, caller.id, Some(keys::all())).await?;
        let all = all.and_then(|text| AllValue::parse(&text)).unwrap_or_default();
        Ok((value.standing(now, limits), all.gone(now.as_millisecond())))
    }

    /// How far a run of `caller`'s has come. A lease before the first byte is shorter than that may take: `wait` beyond its end a run still counts as on its way.
    ///
    /// # Errors
    /// [`StoreError`] as for every call, also where the caller's token has ended.
    pub async fn state_of(&self, caller: &User, run: Run, wait: Duration) -> Result<RunState, StoreError> {
        let (now, value, _) = self.values_of(caller, run.user, None).await?;
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        Ok(match value.lease_of(run.request) {
            None => RunState::Over,
            Some(ends) if ends.saturating_add(wait) > now.as_millisecond() => RunState::Running,
            Some(_) => RunState::Dead,
        })
    }

    /// The present by Redis' clock, what is known of `user`, who is or was `caller`, and the value of one `more` key.
    async fn values_of(
        &self,
        caller: &User,
        user: UserId,
        more: Option<String>,
    ) -> Result<(Timestamp, UserValue, Option<String>), StoreError> {
        let keys = ["MGET".to_owned(), keys::user(user), keys::ended_of(caller)];
        let commands = [Command::new(["TIME"]), Command::new(keys.into_iter().chain(more))];
        let replies = self.pipeline(&commands, self.timeout, Encoding::Plain).await?;
        let [time, values] = replies.as_slice() else { return Err(unexpected("two replies")) };
        let (seconds, micros) = (time.item(0)?.integer()?, time.item(1)?.integer()?);
        let now = Timestamp::from_millisecond(seconds.saturating_mul(1_000).saturating_add(micros / 1_000));
        let now = now.map_err(|_| unexpected("a time"))?;
        if let Some(text) = values.item(1)?.optional_text()? {
            return Err(ended(text));
        }
        let more = values.array()?.get(2).map(Reply::optional_text).transpose()?.flatten();
        Ok((now, parse(values.item(0)?)?, more.map(str::to_owned)))
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
