//! Coming in: guests, their tokens, and the way to another device. A Spin component.

use api::{auth, handover};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[auth::ENDPOINTS, handover::ENDPOINTS], request).await
}
