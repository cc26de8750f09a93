//! `/auth`: coming in.

use application::{App, guests};
use domain::{Rollout, User, UserId};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::endpoint::{Endpoint, HandlerResult};
use crate::names::Role;
use crate::problem::Problem;
use crate::request::Request;
use crate::shown::Shown;
use crate::{browser, response, token};

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] =
    &[Endpoint::chat(Method::POST, "/api/v1/auth/guest", |app, request| Box::pin(guest(app, request)))];

/// The body of a guest's first request: an object without fields.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewGuest {}

/// A token and whom it proves.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenView {
    /// Send it as `Authorization: Bearer …`.
    token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// Seconds until it ends.
    expires_in: i64,
    /// Its owner.
    user: UserView,
}

/// Whom a token proves.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserView {
    /// Their id.
    #[schema(format = Uuid)]
    id: String,
    /// What they may do.
    role: Role,
}

impl From<&User> for UserView {
    fn from(user: &User) -> Self {
        Self { id: user.id.to_string(), role: user.role.into() }
    }
}

/// Come in as a guest. Nothing is stored; the token is all there is. With a guest's token, also one that ended at most 180 days ago,
/// the same guest gets a new one; 401 says that the token cannot be renewed, 429 `rate_limited` that one address has made too many
/// new guests today, 401 `challenge_required` that this one is to be worked for (docs/proof-of-work.md) or needs a token of Turnstile's for `turnstile.site_key`.
#[utoipa::path(
    post, path = "/api/v1/auth/guest", tag = "auth", security((), ("token" = [])),
    params(Shown),
    request_body(content = inline(Option<NewGuest>), description = "Empty, or `{}`."),
    responses(
        (status = 201, body = TokenView),
        Problem,
    )
)]
async fn guest(app: App, request: Request) -> HandlerResult {
    if app.config.rollout == Rollout::Admins {
        // There is no chat for a guest.
        return Err(Problem::not_found());
    }
    let client = request.client;
    let browser = browser::known(request.headers());
    let returning = request.returning_guest(&app)?;
    let shown = Shown::by(&request);
    let NewGuest {} = request.optional_json(0).await?;
    let user = match returning {
        Some(user) => {
            guests::check(&app, user.id).await?;
            user
        }
        None => guests::create(&app, client, shown.as_sent()).await?,
    };
    let_guest_in(&app, &user, browser)
}

/// The answer to who is let in as this guest. `browser`: as it is known, while the chat is rolled out.
pub(crate) fn let_guest_in(app: &App, user: &User, browser: Option<UserId>) -> HandlerResult {
    let token = token::sign(&app.config, user, app.platform.clock.now())
        .ok_or_else(|| Problem::internal("the token could not be signed"))?;
    let view =
        TokenView { token, token_type: "Bearer", expires_in: token::lifetime(user.role), user: UserView::from(user) };
    let mut response = response::json(StatusCode::CREATED, &view);
    browser::remember(response.headers_mut(), app.config.rollout, browser, user);
    Ok(response)
}
