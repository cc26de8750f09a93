//! Links to branches, chats that come in from elsewhere, and what the operator and everybody is told of how the page does. A Spin component.

use api::{blocks, imports, metrics, overview, shares, status};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    let tables = [
        shares::ENDPOINTS,
        imports::ENDPOINTS,
        metrics::ENDPOINTS,
        overview::ENDPOINTS,
        blocks::ENDPOINTS,
        status::ENDPOINTS,
    ];
    runtime_spin::serve(&tables, request).await
}
