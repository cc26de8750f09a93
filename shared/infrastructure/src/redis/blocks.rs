//! Whom the operator has shut out, where a message asks anyway: in the values of users and addresses.

use domain::UserId;
use jiff::Timestamp;
use wire::upstash::Encoding;

use super::client::Redis;
use super::keys::{self, Address};
use super::script::{Script, script};
use crate::StoreError;

const BLOCK: &Script = &script!("block", after "clock", "values");

impl Redis {
    /// Lets no message of the user's in until then, on whatever device or by whatever key; `None`: lets them in again.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; safe to repeat.
    pub async fn block_user(&self, user: UserId, until: Option<Timestamp>) -> Result<(), StoreError> {
        self.block(keys::user(user), until).await
    }

    /// Lets no message and no new guest of an address in until then; of an IPv6 one it is the /48. Its hash is a day's. `None`: lets them in again.
    ///
    /// # Errors
    /// [`StoreError`] as for every script; safe to repeat.
    pub async fn block_address(&self, address: &Address, until: Option<Timestamp>) -> Result<(), StoreError> {
        self.block(keys::address(address), until).await
    }

    async fn block(&self, key: String, until: Option<Timestamp>) -> Result<(), StoreError> {
        let until = until.map_or(0, Timestamp::as_millisecond).to_string();
        self.eval(BLOCK, &[key], &[until], self.timeout, Encoding::Plain).await.map(|_| ())
    }
}
