//! Temporary chats. A Spin component.

use api::temporary;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[temporary::ENDPOINTS], request).await
}
