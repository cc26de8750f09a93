//! The component `passkeys`: making them, signing in by them, and the account's list of them. It alone carries what verifies signatures.

use std::rc::Rc;

use api::passkeys;
use signatures::InRust;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve_verifying(&[passkeys::ENDPOINTS], request, Rc::new(InRust)).await
}
