//! Links to branches: made, moved, listed, revoked, read. A Spin component.

use api::shares;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[shares::ENDPOINTS], request).await
}
