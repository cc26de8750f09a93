//! What an operator is told by itself (docs/operate.md, "Alerts"): in the background of the turn that has found it out, so that no answer waits for it.

use std::time::Duration;

use domain::Alert;
use infrastructure::webhook;
use platform::{Field, Level};

use crate::App;

/// Pauses before it is said again where it was not taken. What is due is handed out once while its cause lasts, so a room that is away for a moment would
/// never hear of it. With the webhook's own time for three tries below the 30 s that Workers give after a response.
const SAY_AGAIN_AFTER: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(8)];

/// Tells the operator, if there is something to tell and somewhere to do so.
pub(crate) fn tell_later(app: &App, alerts: &[Alert]) {
    let (Some(url), false) = (app.config.alert_webhook_url.clone(), alerts.is_empty()) else { return };
    let told: Vec<&str> = alerts.iter().map(|alert| alert.words()).collect();
    let name = app.config.public_origin.as_ref().map_or("Edgewise", |origin| origin.as_str());
    let text = format!("{name}: {}", told.join("; "));
    let causes: Vec<&str> = alerts.iter().map(|alert| alert.name()).collect();
    let causes = causes.join(" ");
    let telling = app.clone();
    app.platform.tasks.spawn(Box::pin(async move { tell(&telling, &url, &text, &causes).await }));
}

/// Says it until it is taken, three times at most, and tells the log of each.
async fn tell(app: &App, url: &str, text: &str, causes: &str) {
    let mut pauses = SAY_AGAIN_AFTER.iter();
    loop {
        let mut fields: Vec<(&'static str, Field)> = vec![("alerts", causes.to_owned().into())];
        let Err(error) = webhook::tell(&*app.platform.http, url, text).await else {
            fields.push(("event", "alert_sent".into()));
            return app.log(Level::Info, "the operator was told", fields);
        };
        fields.extend([("event", "alert_failed".into()), ("cause", error.to_string().into())]);
        app.log(Level::Warn, "the operator was not told", fields);
        match pauses.next().filter(|_| error.may_pass()) {
            Some(pause) => app.platform.clock.sleep(*pause).await,
            None => return,
        }
    }
}
