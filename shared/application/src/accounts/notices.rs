//! Mails to an account's address when what lets somebody in has changed, or somebody has come in by a password in a browser that is not known: who
//! has not done it can act in time. Nobody waits for them.
//!
//! They are counted, because everybody can have them sent. Whoever changes their own account over and over silences themselves alone: what tells of a password,
//! an address or a deletion is sent however many others have been, and the operator is told of the flood.

use std::rc::Rc;
use std::time::Duration;

use domain::{Alert, MailAddress, User};
use infrastructure::StoreError;
use infrastructure::redis::Tries;
use platform::Level;

pub(super) use super::letters::Notice;
use super::letters::{self, Letter};
use crate::config::Mail;
use crate::{App, alerts};

/// Of changes of one account a day: who changes it over and over shall not use up what the operator may send.
const CHANGES: u32 = 20;

/// Of sign-ins to one account a day, counted apart: who has its password shall not hide a change behind them.
const SIGN_INS: u32 = 5;

/// Of all accounts a day, of each of the two.
const OF_ALL: u32 = 1_000;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Tells the account's verified address, if it has one and there is mail.
pub(super) fn tell(app: &App, user: &User, notice: Notice) {
    tell_at(app, user, notice, None);
}

/// Tells an address that is not the account's any more.
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
        // The token may have ended by now: a change is told of all the same.
        None => app.postgres.read_address(user.id).await.map_err(told)?,
    };
    let Some(address) = address else { return Ok(false) };
    let id = user.id.to_string();
    let (of, most) = if notice == Notice::NewBrowser { ("sign-in-notice", SIGN_INS) } else { ("notice", CHANGES) };
    let own = Tries { of, by: id.into(), most };
    let tries = [own.clone(), Tries { of, by: "all".into(), most: OF_ALL }];
    match app.redis.count_try(&tries, DAY).await.map_err(told)? {
        None => {}
        Some(full) if full.place == 0 => return Ok(false),
        Some(_) => {
            tell_of_flood(app).await;
            if !takes_an_account(notice) {
                app.log(Level::Warn, "notice not sent", vec![("event", "notice_held_back".into())]);
                return Ok(false);
            }
            if app.redis.count_try(&[own], DAY).await.map_err(told)?.is_some() {
                return Ok(false);
            }
        }
    }
    let origin = app.config.public_origin.as_ref().ok_or("PUBLIC_ORIGIN is not set")?;
    letters::post(app, mail, &Letter::of_notice(origin, notice), &address).await?;
    Ok(true)
}

/// Whether it tells of what an account is lost by, to somebody who may hear of it in no other way.
fn takes_an_account(notice: Notice) -> bool {
    matches!(notice, Notice::PasswordSet | Notice::AddressChanged | Notice::Deleted)
}

/// Tells the operator, once a day, where there is a room for it.
async fn tell_of_flood(app: &App) {
    if app.config.alert_webhook_url.is_none() {
        return;
    }
    let once = [Tries { of: "notice-flood", by: "all".into(), most: 1 }];
    match app.redis.count_try(&once, DAY).await {
        Ok(None) => alerts::tell_later(app, &[Alert::Notices]),
        Ok(Some(_)) => {}
        Err(error) => app.log_cause(Level::Warn, "flood of notices not counted", &error),
    }
}
