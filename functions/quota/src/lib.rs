//! What is left of the limits. A Spin component.

use api::quota;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[quota::ENDPOINTS], request).await
}
