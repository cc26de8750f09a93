//! Accounts: tokens that have ended, guests that were claimed, tries to sign in.

use std::borrow::Cow;
use std::time::Duration;

use domain::{DeviceId, RequestId, UserId};
use jiff::Timestamp;
use wire::upstash::{Command, Encoding};

use super::client::Redis;
use super::keys::{self, Address};
use super::reply::unexpected;
use super::script::{Script, script};
use crate::StoreError;

const CLAIM_GUEST: &Script = &script!("claim_guest", after "clock", "values", "ledger", "user");
const COUNT_TRIES: &Script = &script!("count_tries", after "clock", "values");

/// How long it is known that a device has ended: its access tokens live no longer.
const DEVICE_ENDED: Duration = Duration::from_secs(15 * 60);

/// How long it is known that a guest has ended: a token of 30 days can be renewed for 180 days more.
const GUEST_ENDED: Duration = Duration::from_secs(210 * 24 * 60 * 60);

/// How many times as much as a /64 its /48 may have: `net_to_pool` of `parts/ledger.lua`.
const NET_TO_POOL: u32 = 10;

/// What stands there for a token that has ended and was not claimed.
const ENDED: &str = "ended";

/// Something that tries are counted by.
#[derive(Clone, Debug)]
pub struct Tries<'a> {
    /// What is tried, such as `password`.
    pub of: &'a str,
    /// By whom, or on whom: never an address in the clear.
    pub by: Cow<'a, str>,
    /// How many in the time.
    pub most: u32,
}

impl<'a> Tries<'a> {
    /// Those of an address: an IPv4 one, or an IPv6 /64, and its /48 with [`NET_TO_POOL`] times as many, for that may be many customers.
    #[must_use]
    pub fn of_address(of: &'a str, address: &'a Address, most: u32) -> Vec<Self> {
        let pool = |most| Self { of, by: Cow::Borrowed(&address.pool), most };
        if address.net.is_empty() {
            return vec![pool(most)];
        }
        let net = format!("{}:{}", address.pool, address.net);
        vec![Self { of, by: Cow::Owned(net), most }, pool(most.saturating_mul(NET_TO_POOL))]
    }

    fn key(&self) -> String {
        keys::tries(self.of, &self.by)
    }
}

/// A limit of tries is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyTries {
    /// The counters' clock.
    pub now: Timestamp,
    /// When the next one is let in.
    pub until: Timestamp,
    /// Which of the limits it is, the first of them, by its place among those that were asked for.
    pub place: u64,
}

impl Redis {
    /// Counts a try against all of `tries`, or against none of them where one is at its end.
    ///
    /// # Errors
    /// [`StoreError`] as for every script. A reply that is lost counts twice at the worst.
    pub async fn count_try(&self, tries: &[Tries<'_>], within: Duration) -> Result<Option<TooManyTries>, StoreError> {
        self.change_tries(tries, within, "1").await
    }

    /// Takes a try back that was none.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn forgive_try(&self, tries: &[Tries<'_>], within: Duration) -> Result<(), StoreError> {
        self.change_tries(tries, within, "-1").await.map(|_| ())
    }

    async fn change_tries(
        &self,
        tries: &[Tries<'_>],
        within: Duration,
        change: &str,
    ) -> Result<Option<TooManyTries>, StoreError> {
        let keys: Vec<String> = tries.iter().map(Tries::key).collect();
        let mut args = vec![within.as_millis().to_string(), change.to_owned()];
        args.extend(tries.iter().map(|one| one.most.to_string()));
        let reply = self.eval(COUNT_TRIES, &keys, &args, self.timeout, Encoding::Plain).await?;
        let free_at = reply.text("until")?;
        if free_at == "0" {
            return Ok(None);
        }
        let (now, until, place) = (reply.moment("now")?, reply.moment("until")?, reply.count("place")?);
        Ok(Some(TooManyTries { now, until, place }))
    }

    /// Takes a challenge, which can be done once while it lives, or again by the same `request`. `false`: another one has.
    ///
    /// # Errors
    /// [`StoreError`] as for every call.
    pub async fn take_challenge(&self, nonce: &str, request: RequestId, life: Duration) -> Result<bool, StoreError> {
        let (key, request, life) = (keys::challenge(nonce), request.to_string(), life.as_millis().to_string());
        // The second command tells whose it is, also where the first one's reply was lost.
        let commands = [Command::new(["SET", &key, &request, "NX", "PX", &life]), Command::new(["GET", &key])];
        match self.pipeline(&commands, self.timeout, Encoding::Plain).await?.as_slice() {
            [_, holder] => Ok(holder.optional_text()? == Some(request.as_str())),
            _ => Err(unexpected("two replies")),
        }
    }

    /// Makes a guest's counts the account's and ends their token. `false`: another account has claimed the guest. Safe to repeat.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn claim_guest(&self, guest: UserId, account: UserId) -> Result<bool, StoreError> {
        let keys = [keys::user(guest), keys::user(account), keys::ended(guest)];
        let args = [account.to_string(), GUEST_ENDED.as_millis().to_string()];
        match self.eval(CLAIM_GUEST, &keys, &args, self.timeout, Encoding::Plain).await?.text("verdict")? {
            "claimed" => Ok(true),
            "ended" => Ok(false),
            _ => Err(unexpected("a verdict")),
        }
    }

    /// Whether a guest's token was ended, and if so whether they were claimed.
    ///
    /// # Errors
    /// [`StoreError`] as for every call; [`StoreError::TokenClaimed`] and [`StoreError::TokenEnded`] where it was.
    pub async fn check_guest(&self, guest: UserId) -> Result<(), StoreError> {
        let reply = self.command(&Command::new(["GET".to_owned(), keys::ended(guest)]), self.timeout).await?;
        reply.optional_text()?.map_or(Ok(()), |text| Err(ended(text)))
    }

    /// Access tokens of these devices open nothing more.
    ///
    /// # Errors
    /// [`StoreError`] as for every call; safe to repeat.
    pub async fn end_devices(&self, devices: &[DeviceId]) -> Result<(), StoreError> {
        let life = DEVICE_ENDED.as_millis().to_string();
        let end = |device: &DeviceId| Command::new(["SET", &keys::ended(*device), ENDED, "PX", &life]);
        let commands: Vec<Command> = devices.iter().map(end).collect();
        if commands.is_empty() {
            return Ok(());
        }
        self.pipeline(&commands, self.timeout, Encoding::Plain).await.map(|_| ())
    }

    /// A user's tokens open nothing more.
    ///
    /// # Errors
    /// [`StoreError`] as for every call; safe to repeat.
    pub async fn end_user(&self, user: UserId) -> Result<(), StoreError> {
        let life = GUEST_ENDED.as_millis().to_string();
        let command = Command::new(["SET", &keys::ended(user), ENDED, "PX", &life]);
        self.command(&command, self.timeout).await.map(|_| ())
    }
}

/// What is said of a token that has ended.
pub(super) fn ended(text: &str) -> StoreError {
    if text == ENDED { StoreError::TokenEnded } else { StoreError::TokenClaimed }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{Recorded, now};

    #[test]
    fn a_64_has_tries_of_its_own_and_its_48_ten_times_as_many() {
        let counted = |net: &str| -> Vec<(String, u32)> {
            let address = Address { pool: "pool".to_owned(), net: net.to_owned() };
            Tries::of_address("code", &address, 60).iter().map(|tries| (tries.key(), tries.most)).collect()
        };
        let key = |by: &str| format!("chat:tries:code:{by}");
        assert_eq!(counted(""), [(key("pool"), 60)]);
        assert_eq!(counted("net"), [(key("pool:net"), 60), (key("pool"), 600)]);
        assert!(include_str!("scripts/parts/ledger.lua").contains(&format!("net_to_pool = 64, {NET_TO_POOL}")));
    }

    #[test]
    fn which_limit_is_reached_is_told() {
        let reply = r#"{"result":["now","1000","until","2000","place","1"]}"#;
        let redis = Redis::new(Recorded::of(reply.to_owned()), "http://redis.example", "token", Duration::from_secs(2));
        let tries = [Tries { of: "code", by: "one".into(), most: 1 }];
        let [now_, until] = [1_000, 2_000].map(|millis| Timestamp::from_millisecond(millis).unwrap());
        let expected = TooManyTries { now: now_, until, place: 1 };
        assert_eq!(now(redis.count_try(&tries, DEVICE_ENDED)), Ok(Some(expected)));
    }
}
