//! Answers that are written anew on their way: OpenAI's Responses API, and the question without a token. A Spin component.

use api::{one_shot, openai};
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;

#[http_service]
async fn serve(request: Request) -> impl IntoResponse {
    runtime_spin::serve(&[openai::RESPONSES, one_shot::ENDPOINTS], request).await
}
