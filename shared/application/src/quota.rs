//! Where a caller stands, and who answers them.

use domain::{Standing, User};
use infrastructure::StoreError;

use crate::App;

/// What a caller has before they send anything.
#[derive(Clone, Debug)]
pub struct Quota {
    /// Both limits, what is used and when they reset.
    pub standing: Standing,
    /// The id of the model that is asked next, where none is named: the first that is not known to be gone.
    pub model: String,
}

/// What `caller` has.
///
/// # Errors
/// [`StoreError`] when Redis gives no answer: there is nothing true to say then.
pub async fn read(app: &App, caller: &User) -> Result<Quota, StoreError> {
    let (standing, gone) = app.redis.standing(caller, app.limits(caller)).await?;
    let model = app.config.models.to_ask(&gone, None).first().map_or_else(String::new, |model| model.id.clone());
    Ok(Quota { standing, model })
}
