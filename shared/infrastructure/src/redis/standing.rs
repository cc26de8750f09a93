//! Where a user stands.

use domain::{Limits, Standing, UserId};

use super::client::Redis;
use super::keys;
use super::script;
use crate::StoreError;

const READ_STANDING: &str = script!("read_standing", after "clock", "day", "standing");

impl Redis {
    /// Where a user stands.
    ///
    /// # Errors
    /// [`StoreError`] as for every script.
    pub async fn standing(&self, user: UserId, limits: Limits) -> Result<Standing, StoreError> {
        self.eval(READ_STANDING, &keys::counters(user), &[], self.timeout).await?.standing(limits)
    }
}
