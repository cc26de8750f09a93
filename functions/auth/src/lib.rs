//! Coming in: guests and tokens. A Spin component.

use api::auth;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[auth::ENDPOINTS], request).await
}
