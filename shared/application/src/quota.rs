//! Where a caller stands.

use domain::{Standing, User};
use infrastructure::StoreError;

use crate::App;

/// Both limits, what is used and when they reset.
///
/// # Errors
/// [`StoreError`] when Redis gives no answer: there is nothing true to say then.
pub async fn read(app: &App, caller: &User) -> Result<Standing, StoreError> {
    app.redis.standing(caller, app.limits(caller)).await
}
