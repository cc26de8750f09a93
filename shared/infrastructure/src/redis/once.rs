//! What is handed out once and ends by itself: the code of a hand-over, a link that is sent by mail. It is known by a hash of what its holder shows.

use std::time::Duration;

use domain::RequestId;
use wire::upstash::{Command, Encoding};

use super::client::Redis;
use super::keys;
use super::reply::unexpected;
use super::script::{Script, script};
use crate::StoreError;

const PUT_BACK_ONCE: &Script = &script!("put_back_once");
const TAKE_ONCE: &Script = &script!("take_once");

/// How long it is known of something that it was used.
const USED: Duration = Duration::from_secs(60 * 60);

/// Stands where the request would that has taken it.
const NOBODY: &str = "-";

/// What is found under a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Once {
    /// Nothing: there never was such a thing, or its time is over.
    Nothing,
    /// It was taken, by another request.
    Used,
    /// It is there; of a [`Redis::take_once`], it was.
    There(String),
}

/// Under what it is kept.
#[derive(Clone, Copy, Debug)]
pub struct OnceKey<'a> {
    /// Its kind, such as `handover`.
    pub of: &'a str,
    /// Hash of what its holder shows.
    pub hash: &'a str,
}

impl Redis {
    /// Keeps `what` for so long, to be taken once.
    ///
    /// # Errors
    /// [`StoreError`] as for every call; safe to repeat.
    pub async fn keep_once(&self, key: OnceKey<'_>, what: &str, life: Duration) -> Result<(), StoreError> {
        let (value, life) = (format!("{NOBODY} {what}"), life.as_millis().max(1).to_string());
        let command = Command::new(["SET", &keys::once(key.of, key.hash), &value, "PX", &life]);
        self.command(&command, self.timeout).await.map(|_| ())
    }

    /// Looks at it, and leaves it there.
    ///
    /// # Errors
    /// [`StoreError`] as for every call.
    pub async fn look_at_once(&self, key: OnceKey<'_>) -> Result<Once, StoreError> {
        let reply = self.command(&Command::new(["GET".to_owned(), keys::once(key.of, key.hash)]), self.timeout).await?;
        let Some(kept) = reply.optional_text()? else { return Ok(Once::Nothing) };
        let Some((taker, what)) = kept.split_once(' ') else { return Err(unexpected("what is handed out once")) };
        // Who has put it back stands behind who has it.
        let is_there = taker.split(',').next() == Some(NOBODY);
        Ok(if is_there { Once::There(what.to_owned()) } else { Once::Used })
    }

    /// Takes it, which one `request` can, however often.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn take_once(&self, key: OnceKey<'_>, request: RequestId) -> Result<Once, StoreError> {
        let (keys, args) = ([keys::once(key.of, key.hash)], [request.to_string(), USED.as_millis().to_string()]);
        let reply = self.eval(TAKE_ONCE, &keys, &args, self.timeout, Encoding::Plain).await?;
        match reply.text("verdict")? {
            "taken" => Ok(Once::There(reply.text("what")?.to_owned())),
            "used" => Ok(Once::Used),
            "nothing" => Ok(Once::Nothing),
            _ => Err(unexpected("a verdict")),
        }
    }

    /// Puts back for so long what `request` has taken for nothing, or may have: its own [`Redis::take_once`] takes nothing if it is carried out
    /// after this. What another request has taken stays taken.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn put_back_once(&self, key: OnceKey<'_>, request: RequestId, life: Duration) -> Result<(), StoreError> {
        let life = life.as_millis().max(1).to_string();
        let (keys, args) = ([keys::once(key.of, key.hash)], [request.to_string(), life]);
        self.eval(PUT_BACK_ONCE, &keys, &args, self.timeout, Encoding::Plain).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Recorded, now};

    #[test]
    fn what_nobody_has_is_there_however_often_it_was_put_back() {
        let there = || Ok(Once::There("what it is".to_owned()));
        for (taker, expected) in [
            ("-", there()),
            ("-,one", there()),
            ("-,one,other", there()),
            ("one", Ok(Once::Used)),
            ("other,one", Ok(Once::Used)),
        ] {
            let reply = Recorded::of(format!(r#"{{"result":"{taker} what it is"}}"#));
            let redis = Redis::new(reply, "http://redis.example", "token", Duration::from_secs(2));
            assert_eq!(now(redis.look_at_once(OnceKey { of: "mail", hash: "hash" })), expected, "{taker}");
        }
    }
}
