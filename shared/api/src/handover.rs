//! `/auth/handover`: a guest goes to another device, by a code.

use application::handover::{self, CODE_LIFE, Code};
use application::{App, Config};
use domain::Rollout;
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{self, TokenView};
use crate::endpoint::{Endpoint, HandlerResult};
use crate::problem::Problem;
use crate::request::Request;
use crate::{browser, response};

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::chat(Method::POST, "/api/v1/auth/handover", |app, request| Box::pin(offer(app, request))),
    Endpoint::chat(Method::POST, "/api/v1/auth/handover/look", |app, request| Box::pin(look(app, request))),
    Endpoint::chat(Method::POST, "/api/v1/auth/handover/redeem", |app, request| Box::pin(redeem(app, request))),
];

/// What a device says of the guest whom it hands over.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewHandover {
    /// How many chats there are: the other device is told, and nobody counts.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 4_294_967_295_u32)]
    chats: u32,
}

/// A code that hands a guest over.
#[derive(Serialize, ToSchema)]
pub(crate) struct HandoverView {
    /// 128 bits, in base64url without padding. Who has it can be this guest.
    code: String,
    /// Seconds until it ends.
    expires_in: i64,
}

/// Such a code, as it was shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ShownCode {
    code: String,
}

/// What comes with a code.
#[derive(Serialize, ToSchema)]
pub(crate) struct ComingView {
    /// How many chats, as the giving device has said.
    chats: u32,
    /// Seconds until the code ends.
    expires_in: i64,
}

/// Take a guest to another device: a code that is good once, for five minutes. 403 `forbidden` for an account, which signs in there.
#[utoipa::path(
    post, path = "/api/v1/auth/handover", tag = "auth", operation_id = "offer_handover", request_body = Option<NewHandover>,
    responses((status = 201, body = HandoverView), Problem)
)]
async fn offer(app: App, request: Request) -> HandlerResult {
    let caller = request.caller(&app)?;
    let client = request.client;
    let NewHandover { chats } = request.optional_json(0).await?;
    let code = handover::offer(&app, &caller, client, chats).await?;
    let view = HandoverView { code: code.encode(), expires_in: CODE_LIFE.as_secs() };
    Ok(response::json(StatusCode::CREATED, &view))
}

/// What would come with a code, which stays good: ask the visitor before you redeem it, for they would read and write as somebody else. 404
/// `not_found` for one that is not known or has ended, 410 `used` for one that was redeemed.
#[utoipa::path(
    post, path = "/api/v1/auth/handover/look", tag = "auth", operation_id = "look_at_handover", security(()), request_body = ShownCode,
    responses((status = 200, body = ComingView), Problem)
)]
async fn look(app: App, request: Request) -> HandlerResult {
    is_there(&app.config)?;
    let client = request.client;
    let ShownCode { code } = request.json(0).await?;
    let coming = handover::look(&app, client, &parse(&code)?).await?;
    let left = coming.ends_at.as_second() - app.platform.clock.now().as_second();
    Ok(response::json(StatusCode::OK, &ComingView { chats: coming.chats, expires_in: left.max(1) }))
}

/// Be the guest of a code, with a token of one's own. 404 `not_found` for a code that is not known or has ended, 410 `used` for one that was redeemed.
#[utoipa::path(
    post, path = "/api/v1/auth/handover/redeem", tag = "auth", operation_id = "redeem_handover", security(()), request_body = ShownCode,
    responses((status = 201, body = TokenView), Problem)
)]
async fn redeem(app: App, request: Request) -> HandlerResult {
    is_there(&app.config)?;
    let client = request.client;
    let browser = browser::known(request.headers());
    let ShownCode { code } = request.json(0).await?;
    let user = handover::redeem(&app, client, &parse(&code)?).await?;
    app.request_log.proven(user.id);
    auth::let_guest_in(&app, &user, browser)
}

/// Where there is no chat for a guest, there is nobody to hand over.
fn is_there(config: &Config) -> Result<(), Problem> {
    match config.rollout {
        Rollout::Admins => Err(Problem::not_found()),
        Rollout::All | Rollout::Percent(_) => Ok(()),
    }
}

fn parse(code: &str) -> Result<Code, Problem> {
    Code::parse(code).ok_or_else(|| Problem::wrong_text("code"))
}
