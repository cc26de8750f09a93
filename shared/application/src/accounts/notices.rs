//! Mails to an account's address when what lets somebody in has changed, or somebody has come in by a password in a browser that is not known: who
//! has not done it can act in time. Nobody waits for them.

use std::rc::Rc;
use std::time::Duration;

use domain::{MailAddress, User};
use infrastructure::StoreError;
use infrastructure::redis::Tries;
use platform::Level;

pub(super) use super::letters::Notice;
use super::letters::{self, Letter};
use crate::App;
use crate::config::Mail;

/// Of one account a day: who changes it over and over shall not use up what the operator may send.
const A_DAY: u32 = 20;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Tells the account's verified address, if it has one and there is mail.
pub(super) fn tell(app: &App, user: &User, notice: Notice) {
    tell_at(app, user, notice, None);
}

/// Tells an address that was the account's until now.
pub(super) fn tell_former(app: &App, user: &User, notice: Notice, former: MailAddress) {
    tell_at(app, user, notice, Some(former));
}

fn tell_at(app: &App, user: &User, notice: Notice, former: Option<MailAddress>) {
    let Some(mail) = app.config.mail.clone() else { return };
    let (app, user, tasks) = (app.clone(), *user, Rc::clone(&app.platform.tasks));
    tasks.spawn(Box::pin(async move {
        match send(&app, &mail, &user, notice, former).await {
            Ok(true) => app.log(Level::Info, "notice sent", vec![("event", "notice_sent".into())]),
            // It has no address, or has been told often enough.
            Ok(false) => {}
            Err(cause) => {
                app.log(
                    Level::Error,
                    "notice not sent",
                    vec![("event", "mail_failed".into()), ("cause", cause.into())],
                );
            }
        }
    }));
}

async fn send(
    app: &App,
    mail: &Mail,
    user: &User,
    notice: Notice,
    former: Option<MailAddress>,
) -> Result<bool, String> {
    let told = |error: StoreError| error.to_string();
    let address = match former {
        Some(address) => Some(address),
        None => {
            let person = app.postgres.read_account(user).await.map_err(told)?;
            person.and_then(|person| MailAddress::parse(&person.email?).ok())
        }
    };
    let Some(address) = address else { return Ok(false) };
    let id = user.id.to_string();
    let tries = [Tries { of: "notice", by: &id, most: A_DAY }];
    if app.redis.count_try(&tries, DAY).await.map_err(told)?.is_some() {
        return Ok(false);
    }
    let origin = app.config.public_origin.as_ref().ok_or("PUBLIC_ORIGIN is not set")?;
    letters::post(app, mail, &Letter::of_notice(origin, notice), &address).await?;
    Ok(true)
}
