//! Accounts: signing up and in, devices, passkeys, links by mail, providers, what is known of a person. A Spin component.

use std::rc::Rc;

use api::{accounts, mail, me, passkeys, providers};
use signatures::InRust;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    let tables = [accounts::ENDPOINTS, mail::ENDPOINTS, me::ENDPOINTS, passkeys::ENDPOINTS, providers::ENDPOINTS];
    runtime_spin::serve_verifying(&tables, request, Rc::new(InRust)).await
}
