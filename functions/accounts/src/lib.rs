//! Accounts: signing up and in, devices, what is known of a person. A Spin component.

use api::{accounts, me};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[accounts::ENDPOINTS, me::ENDPOINTS], request).await
}
