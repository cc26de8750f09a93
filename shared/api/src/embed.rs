//! The page as other sites show it in a frame (`/embed`). It is the only address that may be framed, and only by the sites of `EMBED_ORIGINS`.
//!
//! What it shows is the page itself; `static/src/embed/frame.ts` speaks to the site around it.

use application::App;
use application::config::GuestChallenge;
use domain::PublicOrigin;
use http::{HeaderValue, Response, header};

use crate::endpoint::{Endpoint, HandlerResult};
use crate::headers;
use crate::page_policy;
use crate::problem::Problem;
use crate::request::Request;
use crate::response::Body;
use crate::shared_page::{NAME, escaped};

const PAGE: &str = "/embed";
const SESSION: &str = "/embed/c/{id}";

/// The routes of this group.
pub const ENDPOINTS: &[Endpoint] = &[
    Endpoint::embed(PAGE, |app, request| Box::pin(page(app, request))),
    Endpoint::embed(SESSION, |app, request| Box::pin(session(app, request))),
];

/// The page for the frame of another site. Without `EMBED_ORIGINS` it is not there.
#[utoipa::path(
    get, path = PAGE, tag = "page", operation_id = "open_embedded", security(()),
    responses((status = 200, content((String = "text/html"))), Problem)
)]
async fn page(app: App, _request: Request) -> HandlerResult {
    Ok(shown(&app))
}

/// The same at the address of a session: a reload in the frame asks for it.
#[utoipa::path(
    get, path = SESSION, tag = "page", operation_id = "open_embedded_session", security(()),
    params(("id" = String, Path, description = "The session; the page finds out whether it is there")),
    responses((status = 200, content((String = "text/html"))), Problem)
)]
async fn session(app: App, _request: Request) -> HandlerResult {
    Ok(shown(&app))
}

fn shown(app: &App) -> Response<Body> {
    let sites = &app.config.embed_origins;
    let mut response = Response::new(Body::Whole(html(sites).into()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let asks_turnstile = app.config.guest_challenge == GuestChallenge::Turnstile;
    headers::text(headers, "content-security-policy", &page_policy::framed_by(sites, asks_turnstile));
    headers::text(headers, "x-robots-tag", "noindex");
    response
}

/// An origin needs no escaping: letters, digits, dots, hyphens, colons and slashes.
fn html(sites: &[PublicOrigin]) -> String {
    let (sites, name) = (sites.iter().map(PublicOrigin::as_str).collect::<Vec<_>>().join(" "), escaped(NAME));
    format!(
        "<!doctype html><html lang=\"en\" data-sites=\"{sites}\"><head><meta charset=\"utf-8\"><title>{name}</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1, interactive-widget=resizes-content\">\
         <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\">\
         <link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\"><link rel=\"stylesheet\" href=\"/page.css\">\
         <script src=\"/theme.js\"></script><script type=\"module\" src=\"/page.js\"></script>\
         <script type=\"module\" src=\"/frame.js\"></script></head>\
         <body><div id=\"page\"></div><noscript>{name} needs JavaScript.</noscript></body></html>"
    )
}
