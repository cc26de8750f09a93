//! `/auth/email`: links that are sent by mail, where the operator has a host of it.

use application::App;
use application::accounts::{self, Confirmed, LINK_LIFE};
use domain::MailAddress;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::accounts::{Entering, SaltView, SignedInView, link_token};
use crate::endpoint::{Endpoint, HandlerResult};
use crate::names::MailPurpose;
use crate::problem::Problem;
use crate::request::Request;
use crate::response;

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::account(Method::POST, "/api/v1/auth/email", |app, request| Box::pin(ask(app, request))),
    Endpoint::account(Method::POST, "/api/v1/auth/email/look", |app, request| Box::pin(look(app, request))),
    Endpoint::account(Method::POST, "/api/v1/auth/email/confirm", |app, request| Box::pin(confirm(app, request))),
];

/// To whom a link is to be sent, and for what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WantedLink {
    /// An e-mail address, in ASCII.
    email: String,
    /// `verify` is for who has signed in just now.
    purpose: MailPurpose,
}

/// That a link is on its way, if it is.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkSentView {
    /// Seconds for which it will be good.
    expires_in: i64,
}

/// A link that was sent, by what its fragment carries.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShownLink {
    /// 32 bytes in base64url without padding.
    token: String,
}

/// What a link is for.
#[derive(Serialize, ToSchema)]
pub(crate) struct LinkView {
    purpose: MailPurpose,
    /// Where it was sent to.
    email: String,
    /// Seconds until it ends.
    expires_in: i64,
    /// Of a `reset`: how a key is made of the new password.
    #[serde(skip_serializing_if = "Option::is_none")]
    salt: Option<SaltView>,
}

/// What a link has done.
#[derive(Serialize, ToSchema)]
pub(crate) struct ConfirmedView {
    purpose: MailPurpose,
    /// The address.
    email: String,
    /// Of a `sign_in`: who is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_in: Option<SignedInView>,
}

/// Have a link sent: to sign in (`sign_in`), to set a new password (`reset`) or to show that an address is the caller's (`verify`: 403
/// `reauthentication_required` unless they have signed in on this device within five minutes). 202 says nothing of who has the address: somebody
/// without an account is told so by the mail alone. 429 `rate_limited` for more than three an hour to one address or ten from one place.
#[utoipa::path(
    post, path = "/api/v1/auth/email", tag = "auth", operation_id = "ask_for_link", security((), ("token" = [])), request_body = WantedLink,
    responses((status = 202, body = LinkSentView), Problem)
)]
async fn ask(app: App, request: Request) -> HandlerResult {
    let entering = Entering::of(&app, &request)?;
    let caller = request.known_caller(&app);
    let WantedLink { email, purpose } = request.json(0).await?;
    let address = MailAddress::parse(&email).map_err(|_| Problem::wrong_text("email"))?;
    let caller = match purpose {
        MailPurpose::Verify => Some(caller?),
        MailPurpose::SignIn | MailPurpose::Reset => None,
    };
    accounts::ask_by_mail(&app, &entering.entrant(None), address, purpose.into(), caller.as_ref()).await?;
    Ok(response::json(StatusCode::ACCEPTED, &LinkSentView { expires_in: LINK_LIFE.as_secs() }))
}

/// What a link is for, which stays good: ask the visitor before you confirm it. 404 `not_found` for one that is not known or has ended, 410 `used`.
#[utoipa::path(
    post, path = "/api/v1/auth/email/look", tag = "auth", operation_id = "look_at_link", security(()), request_body = ShownLink,
    responses((status = 200, body = LinkView), Problem)
)]
async fn look(app: App, request: Request) -> HandlerResult {
    let entering = Entering::of(&app, &request)?;
    let ShownLink { token } = request.json(0).await?;
    let (link, salt) = accounts::look_at_link(&app, &entering.entrant(None), &link_token(&token)?).await?;
    let left = link.ends_at.as_second() - app.platform.clock.now().as_second();
    let view = LinkView {
        purpose: link.purpose.into(),
        email: link.address.to_string(),
        expires_in: left.max(1),
        salt: salt.map(SaltView::from),
    };
    Ok(response::json(StatusCode::OK, &view))
}

/// Do what a link is for: sign in, or verify an address, with the token of the account that has asked for it (403 `forbidden` for others: the link stays
/// good). A link for a new password goes to `/auth/password`. No guest goes along: `/auth/refresh` with their token brings them after. 404 `not_found` for
/// a link that is not known or has ended, 410 `used`, 409 `email_taken` for an address that another account has verified.
#[utoipa::path(
    post, path = "/api/v1/auth/email/confirm", tag = "auth", operation_id = "confirm_link", security((), ("token" = [])), request_body = ShownLink,
    responses((status = 200, body = ConfirmedView), Problem)
)]
async fn confirm(app: App, request: Request) -> HandlerResult {
    let entering = Entering::of(&app, &request)?;
    let caller = request.known_caller(&app).ok();
    let ShownLink { token } = request.json(0).await?;
    match accounts::confirm(&app, &entering.entrant(None), &link_token(&token)?, caller.as_ref()).await? {
        Confirmed::SignedIn(address, signed_in) => {
            let view = ConfirmedView {
                purpose: MailPurpose::SignIn,
                email: address.to_string(),
                signed_in: Some(Entering::view(&app, &signed_in)?),
            };
            let mut response = response::json(StatusCode::OK, &view);
            entering.remember(&app, response.headers_mut(), &signed_in, Some(&address.login()));
            Ok(response)
        }
        Confirmed::Verified(address) => {
            let view = ConfirmedView { purpose: MailPurpose::Verify, email: address.to_string(), signed_in: None };
            Ok(response::json(StatusCode::OK, &view))
        }
    }
}
