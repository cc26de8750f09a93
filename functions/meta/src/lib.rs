//! About ourselves: health, limits, the contract, and the page for the frames of other sites. A Spin component.

use api::{configuration, embed, meta, socket};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[meta::ENDPOINTS, configuration::ENDPOINTS, embed::ENDPOINTS, socket::ENDPOINTS], request)
        .await
}
