//! What the scripts reply: names and values in turn, each read by its name.

use domain::{BreakerChange, Limits, MessageId, SessionId, Standing};
use jiff::Timestamp;
use wire::upstash::Reply;

use super::user_value::UserValue;
use crate::StoreError;

/// A script's reply.
#[derive(Debug)]
pub(super) struct Named(Reply);

impl Named {
    /// Takes a reply of names and values in turn.
    pub fn new(reply: Reply) -> Result<Self, StoreError> {
        if reply.array()?.len().is_multiple_of(2) { Ok(Self(reply)) } else { Err(unexpected("names and values")) }
    }

    fn value(&self, name: &'static str) -> Result<&Reply, StoreError> {
        let mut pairs = self.0.array()?.chunks_exact(2);
        let value = pairs.find_map(|pair| match pair {
            [Reply::Text(text), value] if text == name.as_bytes() => Some(value),
            _ => None,
        });
        value.ok_or(StoreError::Missing { store: STORE, name })
    }

    pub fn text(&self, name: &'static str) -> Result<&str, StoreError> {
        Ok(self.value(name)?.text()?)
    }

    pub fn bytes(&self, name: &'static str) -> Result<&[u8], StoreError> {
        match self.value(name)? {
            Reply::Text(bytes) => Ok(bytes),
            Reply::Null | Reply::Integer(_) | Reply::Array(_) => Err(unexpected("bytes")),
        }
    }

    pub fn integer(&self, name: &'static str) -> Result<i64, StoreError> {
        Ok(self.value(name)?.integer()?)
    }

    pub fn count(&self, name: &'static str) -> Result<u64, StoreError> {
        u64::try_from(self.integer(name)?).map_err(|_| unexpected("a count"))
    }

    pub fn bits(&self, name: &'static str) -> Result<u32, StoreError> {
        u32::try_from(self.integer(name)?).map_err(|_| unexpected("a number of bits"))
    }

    pub fn moment(&self, name: &'static str) -> Result<Timestamp, StoreError> {
        Timestamp::from_millisecond(self.integer(name)?).map_err(|_| unexpected("a time"))
    }

    pub fn session_id(&self, name: &'static str) -> Result<SessionId, StoreError> {
        SessionId::parse(self.text(name)?).map_err(|_| unexpected("a session's id"))
    }

    pub fn message_id(&self, name: &'static str) -> Result<MessageId, StoreError> {
        MessageId::parse(self.text(name)?).map_err(|_| unexpected("a message's id"))
    }

    /// Where a user with these limits stands.
    pub fn standing(&self, limits: Limits) -> Result<Standing, StoreError> {
        let user = UserValue::parse(self.text("user")?).ok_or_else(|| unexpected("what is known of a user"))?;
        Ok(user.standing(self.moment("now")?, limits))
    }

    /// The change that `breaker_rule.lua` reports.
    pub fn breaker_change(&self) -> Result<Option<BreakerChange>, StoreError> {
        match self.text("breaker")? {
            "opened" => Ok(Some(BreakerChange::Opened)),
            "closed" => Ok(Some(BreakerChange::Closed)),
            "" => Ok(None),
            _ => Err(unexpected("a change of the breaker")),
        }
    }
}

const STORE: &str = "redis";

/// The error for a reply that our scripts never make.
pub(super) fn unexpected(what: &'static str) -> StoreError {
    StoreError::Unexpected { store: STORE, what }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_names_and_values_is_refused() {
        let text = |text: &str| Reply::Text(text.as_bytes().to_vec());
        for reply in [Reply::Null, Reply::Integer(1), text("settled"), Reply::Array(vec![text("stop")])] {
            let words = format!("{reply:?}");
            assert!(Named::new(reply).is_err(), "{words}");
        }
        // A value that reads like a name is none.
        let named = Named::new(Reply::Array(vec![text("a"), text("b"), text("b"), text("c")])).unwrap();
        assert_eq!(named.text("b"), Ok("c"));
    }
}
