//! OpenAI's API but for its Responses, which are `responses`. A Spin component.

use api::openai;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[openai::ENDPOINTS], request).await
}
