//! Sessions: create, list, read, rename, delete, restore, the search through them, what is said of answers and of oneself. A Spin component.

use api::{contexts, feedback, search, sessions};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[sessions::ENDPOINTS, search::ENDPOINTS, contexts::ENDPOINTS, feedback::ENDPOINTS], request)
        .await
}
