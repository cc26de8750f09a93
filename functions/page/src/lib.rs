//! The page, where no host serves static files. A Spin component.

use assets::Site;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

/// What the build script found in `static/dist`.
static SITE: Site = include!(concat!(env!("OUT_DIR"), "/site.rs"));

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::answer(&request, |method, path, headers| SITE.answer(method, path, headers))
}
