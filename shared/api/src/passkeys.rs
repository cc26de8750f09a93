//! Passkeys: `/auth/passkeys`, where they let somebody in, and `/me/passkeys`, where their owner keeps them.
//!
//! What a browser is asked and what it answers is in WebAuthn's own JSON form, so that a page hands both on as they are
//! (`PublicKeyCredential.parseCreationOptionsFromJSON()`, `toJSON()`).

mod shapes;

use application::App;
use application::accounts::CHALLENGE_LIFE;
use application::accounts::passkeys::{self, Made, Signed};
use domain::{PasskeyId, PasskeyName};
use http::{Method, StatusCode};
use utoipa::IntoParams;

use self::shapes::{
    CreationOptions, MadeCredential, NewPasskey, PasskeyOptionsView, PasskeyPurpose, PasskeyView, PasskeyWish,
    PasskeysView, RenamePasskey, RequestOptions, ShownPasskey, SignedCredential,
};

pub(crate) use self::shapes::RemovedView;

use crate::accounts::{Entering, SignedInView};
use crate::endpoint::{Endpoint, HandlerResult};
use crate::input::Base64Url;
use crate::problem::Problem;
use crate::request::Request;
use crate::response;
use crate::shown::Shown;

const MINE: &str = "/api/v1/me/passkeys";
const ONE: &str = "/api/v1/me/passkeys/{id}";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::account(Method::POST, "/api/v1/auth/passkeys/options", |app, request| Box::pin(options(app, request))),
    Endpoint::account(Method::POST, "/api/v1/auth/passkeys/register", |app, request| Box::pin(register(app, request))),
    Endpoint::account(Method::POST, "/api/v1/auth/passkeys/login", |app, request| Box::pin(login(app, request))),
    Endpoint::account(Method::GET, MINE, |app, request| Box::pin(list(app, request))),
    Endpoint::account(Method::POST, MINE, |app, request| Box::pin(add(app, request))),
    Endpoint::account(Method::PATCH, ONE, |app, request| Box::pin(rename(app, request))),
    Endpoint::account(Method::DELETE, ONE, |app, request| Box::pin(remove(app, request))),
];

/// A path that names a passkey.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "it is read as text")]
pub(crate) struct PasskeyPath {
    /// The passkey
    id: String,
}

/// What the browser is to be asked. Its answer is good for two minutes, once. `add` is for accounts, on a device that was signed in to within the last five minutes
/// (403 `reauthentication_required`); the others need no token. 404 where `GET /config` names no `passkeys`.
#[utoipa::path(
    post, path = "/api/v1/auth/passkeys/options", tag = "auth", operation_id = "passkey_options", security((), ("token" = [])),
    request_body = PasskeyWish, responses((status = 200, body = PasskeyOptionsView), Problem)
)]
async fn options(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app);
    let PasskeyWish { purpose, user_name } = request.json(0).await?;
    let (create, get) = match purpose {
        PasskeyPurpose::Register => (Some(passkeys::begin_register(&app, &name(user_name.as_deref())?)?), None),
        PasskeyPurpose::Login => (None, Some(passkeys::begin_sign_in(&app)?)),
        PasskeyPurpose::Add => (Some(passkeys::begin_add(&app, &caller?).await?), None),
    };
    let view = PasskeyOptionsView {
        create: create.map(CreationOptions::from),
        get: get.map(RequestOptions::from),
        expires_in: CHALLENGE_LIFE.as_secs(),
    };
    Ok(response::json(StatusCode::OK, &view))
}

/// Sign up by a passkey that was made for `register`. It counts as a new guest of the address, as every sign-up: 401 `challenge_required` asks for work,
/// and the same answer of the browser is sent again with it. With a guest's token all that the guest has goes along, and that token ends. There is no recovery code: who
/// loses all passkeys has lost the account. 409 `passkey_taken`: somebody has it. 409 `challenge_used`: ask for options anew.
#[utoipa::path(
    post, path = "/api/v1/auth/passkeys/register", tag = "auth", operation_id = "register_by_passkey", security((), ("token" = [])),
    request_body = NewPasskey,
    params(Shown),
    responses((status = 201, body = SignedInView), Problem)
)]
async fn register(app: App, request: Request) -> HandlerResult {
    let entering = Entering::of(&app, &request)?;
    let shown = Shown::by(&request);
    let made = made(request.json(0).await?)?;
    let signed_in = passkeys::register(&app, &entering.entrant(None), &made, shown.as_sent()).await?;
    entering.let_in(&app, StatusCode::CREATED, &signed_in, None)
}

/// Sign in by a passkey. With a guest's token all that the guest has goes along, and that token ends. 401 `wrong_credentials` does not say whether the
/// passkey is known. Tries are counted by address, apart from those of passwords.
#[utoipa::path(
    post, path = "/api/v1/auth/passkeys/login", tag = "auth", operation_id = "login_by_passkey", security((), ("token" = [])),
    request_body = ShownPasskey, responses((status = 200, body = SignedInView), Problem)
)]
async fn login(app: App, request: Request) -> HandlerResult {
    let entering = Entering::of(&app, &request)?;
    let ShownPasskey { credential: SignedCredential { id, response } } = request.json(0).await?;
    let signed = Signed {
        id: credential_id(id)?,
        client_data: response.client_data.0,
        authenticator_data: response.authenticator_data.0,
        signature: response.signature.0,
        user_handle: response.user_handle.map(|handle| handle.0),
    };
    let signed_in = passkeys::sign_in(&app, &entering.entrant(None), &signed).await?;
    entering.let_in(&app, StatusCode::OK, &signed_in, None)
}

/// The caller's passkeys, the oldest first. 403 for a guest.
#[utoipa::path(
    get, path = MINE, tag = "me", operation_id = "list_passkeys", responses((status = 200, body = PasskeysView), Problem)
)]
async fn list(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let known = passkeys::list(&app, &caller).await?;
    Ok(response::json(StatusCode::OK, &PasskeysView { passkeys: known.into_iter().map(PasskeyView::from).collect() }))
}

/// Add a passkey that was made for `add`, on a device that was signed in to within the last five minutes (403 `reauthentication_required`). 20 at most
/// (409 `too_many_passkeys`).
#[utoipa::path(
    post, path = MINE, tag = "me", operation_id = "add_passkey", request_body = NewPasskey,
    responses((status = 201, body = PasskeyView), Problem)
)]
async fn add(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let made = made(request.json(0).await?)?;
    let added = passkeys::add(&app, &caller, &made).await?;
    Ok(response::json(StatusCode::CREATED, &PasskeyView::from(added)))
}

/// Name a passkey.
#[utoipa::path(
    patch, path = ONE, tag = "me", operation_id = "rename_passkey", params(PasskeyPath), request_body = RenamePasskey,
    responses((status = 200, body = PasskeyView), Problem)
)]
async fn rename(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    let id = path_id(&request)?;
    let RenamePasskey { name: wished } = request.json(0).await?;
    let renamed = passkeys::rename(&app, &caller, &id, &name(Some(&wished))?).await?;
    Ok(response::json(StatusCode::OK, &PasskeyView::from(renamed)))
}

/// Remove a passkey, on a device that was signed in to within the last five minutes (403 `reauthentication_required`). Devices that it has signed in stay signed in.
/// 409 `last_way_in`: nothing else would let the caller in.
#[utoipa::path(
    delete, path = ONE, tag = "me", operation_id = "remove_passkey", params(PasskeyPath),
    responses((status = 200, body = RemovedView), Problem)
)]
async fn remove(app: App, request: Request) -> HandlerResult {
    let caller = request.known_caller(&app)?;
    passkeys::remove(&app, &caller, &path_id(&request)?).await?;
    Ok(response::json(StatusCode::OK, &RemovedView { removed: 1 }))
}

fn made(input: NewPasskey) -> Result<Made, Problem> {
    let NewPasskey { credential: MadeCredential { id, response }, name: called } = input;
    Ok(Made {
        id: credential_id(id)?,
        client_data: response.client_data.0,
        attestation: response.attestation.0,
        name: name(called.as_deref())?,
    })
}

fn credential_id(Base64Url(bytes): Base64Url) -> Result<PasskeyId, Problem> {
    PasskeyId::new(bytes).ok_or_else(|| Problem::wrong_text("credential.id"))
}

fn name(text: Option<&str>) -> Result<PasskeyName, Problem> {
    Ok(PasskeyName::parse(text.unwrap_or_default())?)
}

/// What cannot be an id is answered as an id that does not exist.
fn path_id(request: &Request) -> Result<PasskeyId, Problem> {
    let id = request.path_value("id").and_then(Base64Url::decode).and_then(PasskeyId::new);
    id.ok_or_else(Problem::not_found)
}
