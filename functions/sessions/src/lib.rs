//! Sessions: create, list, read, rename, delete, restore, and the search through them. A Spin component.

use api::{search, sessions};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[sessions::ENDPOINTS, search::ENDPOINTS], request).await
}
