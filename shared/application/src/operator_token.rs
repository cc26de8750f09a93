//! Tokens that an operator's own programs show.

use hmac::Mac;

use crate::App;
use crate::mac::mac;

/// Whether this is the token of the operator's scheduler.
#[must_use]
pub fn is_for_maintenance(app: &App, token: &str) -> bool {
    is_shown(app, app.config.maintenance_token.as_deref(), token)
}

/// Whether this is the token of the operator's collector of metrics, or monitor.
#[must_use]
pub fn is_for_metrics(app: &App, token: &str) -> bool {
    is_shown(app, app.config.metrics_token.as_deref(), token)
}

/// Whether `token` is the one that is `expected`. The comparison takes as long wherever they differ.
fn is_shown(app: &App, expected: Option<&str>, token: &str) -> bool {
    let Some(expected) = expected else { return false };
    let mac = |text: &str| mac(&app.config.jwt_secret, "edgewise operator", text.as_bytes());
    let expected = mac(expected).map(|mac| mac.finalize().into_bytes());
    mac(token).zip(expected).is_some_and(|(mac, expected)| mac.verify_slice(&expected).is_ok())
}
