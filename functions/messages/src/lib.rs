//! Sending, and the answer as a stream. A Spin component.

use api::messages;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[messages::ENDPOINTS], request).await
}
