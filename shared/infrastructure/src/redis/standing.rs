//! Where a user stands, and which run writes an answer of theirs.

use domain::{Limits, MessageId, RequestId, Standing, User, UserId};
use jiff::Timestamp;
use wire::upstash::{Command, Encoding, Reply};

use super::accounts::ended;
use super::client::Redis;
use super::keys;
use super::reply::unexpected;
use super::user_value::UserValue;
use crate::StoreError;

impl Redis {
    /// Where a user stands.
    ///
    /// # Errors
    /// [`StoreError`] as for every call, also where the caller's token has ended.
    pub async fn standing(&self, caller: &User, limits: Limits) -> Result<Standing, StoreError> {
        let commands =
            [Command::new(["TIME"]), Command::new(["MGET".to_owned(), keys::user(caller.id), keys::ended_of(caller)])];
        let replies = self.pipeline(&commands, self.timeout, Encoding::Plain).await?;
        let [time, value] = replies.as_slice() else { return Err(unexpected("two replies")) };
        let (seconds, micros) = (time.item(0)?.integer()?, time.item(1)?.integer()?);
        let now = Timestamp::from_millisecond(seconds.saturating_mul(1_000).saturating_add(micros / 1_000));
        let now = now.map_err(|_| unexpected("a time"))?;
        match value.item(1)?.optional_text()? {
            Some(text) => Err(ended(text)),
            None => Ok(parse(value.item(0)?)?.standing(now, limits)),
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
