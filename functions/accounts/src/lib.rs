//! Accounts: signing up and in, devices, passkeys, links by mail, providers, what is known of a person; and maintenance. A Spin component.

use api::{accounts, mail, maintenance, me, providers};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    let tables = [accounts::ENDPOINTS, mail::ENDPOINTS, maintenance::ENDPOINTS, me::ENDPOINTS, providers::ENDPOINTS];
    runtime_spin::serve(&tables, request).await
}
