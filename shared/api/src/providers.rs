//! Who vouches for somebody: `/auth/{provider}`, where they let somebody in, and `/me/identities`, where their owner keeps what they are known by there.
//!
//! `start` gives the page an address to go to and the browser a cookie; the provider sends the browser back to `callback`, which answers with a way to the page; and the
//! page ends what it has begun by `finish`, or by `POST /me/identities`. No token stands in an address, and what none of our pages has begun ends nowhere.

use application::App;
use application::accounts::providers::{self, Returned};
use application::accounts::{AWAY, AccountError, BACK, KeptIdentity};
use domain::ProviderId;
use http::{Method, Response, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::accounts::{Entering, SignedInView};
use crate::cookies::{self, SentFrom};
use crate::endpoint::{Endpoint, HandlerResult};
use crate::problem::Problem;
use crate::request::Request;
use crate::response::{self, Body};
use crate::shown::Shown;
use crate::{access_log, headers, passkeys};

const MINE: &str = "/api/v1/me/identities";
const ONE: &str = "/api/v1/me/identities/{id}";

/// Where the page is told that there is something to be asked for, and what was wrong.
const ARRIVED: &str = "/#signed-in";
const FAILED: &str = "/#sign-in-failed=";

/// How long a page's key is, in characters: 128 bits in hexadecimal digits or more.
const PAGE_KEY_CHARS: std::ops::RangeInclusive<usize> = 22..=128;

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::account(Method::POST, "/api/v1/auth/{provider}/start", |app, request| Box::pin(start(app, request))),
    Endpoint::account(Method::GET, "/api/v1/auth/{provider}/callback", |app, request| Box::pin(callback(app, request))),
    Endpoint::account(Method::POST, "/api/v1/auth/{provider}/finish", |app, request| Box::pin(finish(app, request))),
    Endpoint::account(Method::GET, MINE, |app, request| Box::pin(list(app, request))),
    Endpoint::account(Method::POST, MINE, |app, request| Box::pin(add(app, request))),
    Endpoint::account(Method::DELETE, ONE, |app, request| Box::pin(remove(app, request))),
];

/// A path that names a provider.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it is read as text")]
pub(crate) struct ProviderPath {
    /// `github`, `google` or `oidc`: one that `GET /config` names
    provider: String,
}

/// A path that names an identity.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it is read as text")]
pub(crate) struct IdentityPath {
    /// The identity
    id: String,
}

/// What a provider is wanted for.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProviderPurpose {
    /// Coming in, whether there is an account or not.
    Login,
    /// One more identity of the caller's.
    Add,
}

/// What is to be done at a provider.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderWish {
    /// What it is wanted for.
    purpose: ProviderPurpose,
    /// A secret that the page makes, keeps in its tab and shows at the end: 22 to 128 characters.
    page_key: String,
}

/// Where to go.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderStartView {
    /// Where the page is to send the browser.
    url: String,
    /// Seconds until it is too late to come back.
    expires_in: i64,
}

/// That the page is the one which has begun.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProviderReturn {
    /// What it has made for `start`.
    page_key: String,
}

/// What the caller is known by at providers.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentitiesView {
    identities: Vec<IdentityView>,
}

/// What the caller is known by at a provider.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentityView {
    id: String,
    /// The provider, if it is one that lets somebody in here.
    #[schema(required = true)]
    provider: Option<&'static str>,
    /// Who it says it is.
    issuer: String,
    #[schema(format = DateTime)]
    created_at: String,
}

/// That it was added.
#[derive(Serialize, ToSchema)]
pub(crate) struct IdentityAddedView {
    /// How many were.
    added: u32,
}

/// Begin at a provider. Send the browser to `url`; it comes back to the page with `#signed-in`, or with `#sign-in-failed=` and a code: `sign_in_denied`,
/// `sign_in_expired`, `sign_in_failed` or any other. The cookie that is set here is good for one way there and back. `add` is for accounts, on a device that was
/// signed in to within the last five minutes (403 `reauthentication_required`); `login` needs no token. 404 for a provider that `GET /config` does not name.
#[utoipa::path(
    post, path = "/api/v1/auth/{provider}/start", tag = "auth", operation_id = "start_at_provider", security((), ("token" = [])), params(ProviderPath),
    request_body = ProviderWish, responses((status = 200, body = ProviderStartView), Problem)
)]
async fn start(app: App, request: Request) -> HandlerResult {
    let provider = provider(&app, &request)?;
    let entering = Entering::of(&app, &request)?;
    let caller = request.known_caller(&app);
    let ProviderWish { purpose, page_key } = request.json(0).await?;
    let page_key = checked(&page_key)?;
    let entrant = entering.entrant(None);
    let departing = match purpose {
        ProviderPurpose::Login => providers::depart(&app, provider, page_key, &entrant).await?,
        ProviderPurpose::Add => providers::depart_to_add(&app, &caller?, provider, page_key, &entrant).await?,
    };
    let view = ProviderStartView { url: departing.url, expires_in: AWAY.as_secs() };
    let mut response = response::json(StatusCode::OK, &view);
    cookies::set_trip(response.headers_mut(), &departing.cookie, AWAY.as_secs(), SentFrom::LinksToo);
    Ok(response)
}

/// Where a provider sends a browser back to. It is answered with a way to the page, whatever has come of it; what has is for the page to ask for.
#[utoipa::path(
    get, path = "/api/v1/auth/{provider}/callback", tag = "auth", operation_id = "return_from_provider", security(()), params(
        ProviderPath,
        ("state" = Option<String>, Query, description = "As the provider was given it"),
        ("code" = Option<String>, Query, description = "What it has given"),
        ("error" = Option<String>, Query, description = "Why it has not"),
        ("iss" = Option<String>, Query, description = "Who says so (RFC 9207)"),
    ),
    responses((status = 303, description = "To the page", headers(("Location" = String))), Problem)
)]
async fn callback(app: App, request: Request) -> HandlerResult {
    let provider = provider(&app, &request)?;
    let [state, code, error, issuer] = ["state", "code", "error", "iss"].map(|name| request.query(name));
    let returned = Returned {
        state: state.as_deref().unwrap_or_default(),
        code: code.as_deref(),
        error: error.as_deref(),
        issuer: issuer.as_deref(),
    };
    let carried = cookies::read(request.headers(), cookies::TRIP);
    let outcome = providers::arrive(&app, provider, &returned, carried).await;
    let page = app.config.public_origin.as_ref().ok_or_else(Problem::not_found)?.as_str();
    let mut response = Response::new(Body::Whole(bytes::Bytes::new()));
    *response.status_mut() = StatusCode::SEE_OTHER;
    let answered = response.headers_mut();
    match outcome {
        Ok(carries_now) => {
            headers::text(answered, "location", &format!("{page}{ARRIVED}"));
            cookies::set_trip(answered, &carries_now, BACK.as_secs(), SentFrom::ThePageAlone);
        }
        Err(error) => {
            // What does not belong to the trip that the browser is on, such as an older one's end, leaves it alone. A used one ends by itself.
            let is_of_other = matches!(error, AccountError::SignInExpired);
            let problem = Problem::from(error);
            headers::text(answered, "location", &format!("{page}{FAILED}{}", problem.code().name()));
            if !is_of_other {
                cookies::forget_trip(answered);
            }
            // Its status is not seen.
            access_log::problem(&app.request_log, &problem);
        }
    }
    Ok(response)
}

/// Come in as whom the provider has vouched for: 200, or 201 with an account that was made now. A sign-up counts as a new guest of the address: 401 `challenge_required`
/// asks for work, and the same is sent again with it. With a guest's token all that the guest has goes along, and that token ends. An account is known by the provider's
/// name for somebody, never by an address. 400 `sign_in_expired`: the browser carries nothing that this page has begun, or it was used.
#[utoipa::path(
    post, path = "/api/v1/auth/{provider}/finish", tag = "auth", operation_id = "finish_at_provider", security((), ("token" = [])),
    request_body = ProviderReturn,
    params(ProviderPath, Shown),
    responses((status = 200, body = SignedInView), (status = 201, body = SignedInView), Problem)
)]
async fn finish(app: App, request: Request) -> HandlerResult {
    let provider = provider(&app, &request)?;
    let entering = Entering::of(&app, &request)?;
    let carried = carried(&request);
    let shown = Shown::by(&request);
    let ProviderReturn { page_key } = request.json(0).await?;
    let page_key = checked(&page_key)?;
    let entered =
        providers::enter(&app, &entering.entrant(None), provider, carried.as_deref(), page_key, shown.as_sent())
            .await?;
    let status = if entered.is_new { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = entering.let_in(&app, status, &entered.signed_in, None)?;
    cookies::forget_trip(response.headers_mut());
    Ok(response)
}

/// What the caller is known by at providers, the oldest first. 403 for a guest.
#[utoipa::path(
    get, path = MINE, tag = "me", operation_id = "list_identities", responses((status = 200, body = IdentitiesView), Problem)
)]
async fn list(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let kept = providers::list(&app, &caller).await?;
    let view = |KeptIdentity { id, issuer, created_at }: KeptIdentity| IdentityView {
        id,
        provider: providers::provider_of(&app, &issuer).map(ProviderId::name),
        issuer,
        created_at: created_at.to_string(),
    };
    Ok(response::json(StatusCode::OK, &IdentitiesView { identities: kept.into_iter().map(view).collect() }))
}

/// Add whom a provider has vouched for after a `start` with `add`, on a device that was signed in to within the last five minutes
/// (403 `reauthentication_required`). 409 `identity_taken`: somebody comes in by it. 20 at most (409 `too_many_identities`).
#[utoipa::path(
    post, path = MINE, tag = "me", operation_id = "add_identity", request_body = ProviderReturn,
    responses((status = 201, body = IdentityAddedView), Problem)
)]
async fn add(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let carried = carried(&request);
    let ProviderReturn { page_key } = request.json(0).await?;
    providers::add(&app, &caller, carried.as_deref(), checked(&page_key)?).await?;
    let mut response = response::json(StatusCode::CREATED, &IdentityAddedView { added: 1 });
    cookies::forget_trip(response.headers_mut());
    Ok(response)
}

/// Remove an identity: nobody comes in by it any more. Devices that it has signed in stay signed in. 409 `last_way_in`: nothing else would let the caller in.
#[utoipa::path(
    delete, path = ONE, tag = "me", operation_id = "remove_identity", params(IdentityPath),
    responses((status = 200, body = passkeys::RemovedView), Problem)
)]
async fn remove(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    providers::remove(&app, &caller, request.path_value("id").unwrap_or_default()).await?;
    Ok(response::json(StatusCode::OK, &passkeys::RemovedView { removed: 1 }))
}

/// The provider in the path, if it lets somebody in here.
fn provider(app: &App, request: &Request) -> Result<ProviderId, Problem> {
    let named = request.path_value("provider").and_then(ProviderId::from_name);
    named.filter(|named| app.config.offered_providers().any(|one| one == *named)).ok_or_else(Problem::not_found)
}

fn carried(request: &Request) -> Option<String> {
    cookies::read(request.headers(), cookies::TRIP).map(str::to_owned)
}

fn checked(page_key: &str) -> Result<&str, Problem> {
    Some(page_key).filter(|key| PAGE_KEY_CHARS.contains(&key.len())).ok_or_else(|| Problem::wrong_text("page_key"))
}
