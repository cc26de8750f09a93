//! About ourselves: health, limits and the contract. A Spin component.

use api::{configuration, meta};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[meta::ENDPOINTS, configuration::ENDPOINTS], request).await
}
