//! SambaNova's chat completions with a demo model behind it.

mod answers;
mod request;
mod scenario;
mod stream;

pub use scenario::{Scenario, ScenarioRule, Scenarios};

use crate::body::Content;
use crate::credentials;
use crate::server::{Answer, Call, json};
use http::{HeaderValue, Method, StatusCode, header};
use request::ChatRequest;
use serde_json::{Value, json as value};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Far more than any context holds.
pub const BODY_LIMIT: usize = 16 * 1024 * 1024;
/// About 40 tokens a second: fast to read along.
const TOKEN_PACE: Duration = Duration::from_millis(25);
/// The models of docs/configuration.md, as they are asked by default.
const MODELS: [&str; 2] = ["Meta-Llama-3.3-70B-Instruct", "gpt-oss-120b"];

/// SambaNova announced its end on 2026-06-09, and documents written before still name it. As it is there: not listed, 410.
const RETIRED: &str = "Llama-4-Maverick-17B-128E-Instruct";

/// Any model whose name begins so is known, too: a test that has one refused asks one that no other test asks.
const OF_A_TEST: &str = "test-";
/// SambaNova's limits for a developer's account on its large models.
const LIMIT_PER_MINUTE: u64 = 60;
const LIMIT_PER_DAY: u64 = 12_000;

/// The model face.
pub struct Model {
    key: String,
    /// What it is told to do.
    pub scenarios: Scenarios,
    requests: AtomicU64,
}

impl Model {
    /// Answers those who know `key`.
    pub fn new(key: String) -> Self {
        Self { key, scenarios: Scenarios::default(), requests: AtomicU64::new(0) }
    }

    /// Answers one HTTP request.
    pub async fn answer(&self, call: Call<'_>) -> Answer {
        let bearer = call.head.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let key = bearer.and_then(|bearer| bearer.strip_prefix("Bearer "));
        let mut answer = if !key.is_some_and(|key| credentials::same(key, &self.key)) {
            refusal(StatusCode::UNAUTHORIZED, "invalid_authentication", "Invalid API key provided.")
        } else {
            match (&call.head.method, call.head.uri.path()) {
                (&Method::POST, "/v1/chat/completions") => self.complete(call.body.as_deref()).await,
                (&Method::GET, "/v1/models") => json(StatusCode::OK, models().to_string()),
                (_, "/v1/chat/completions" | "/v1/models") => {
                    refusal(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed.")
                }
                _ => refusal(StatusCode::NOT_FOUND, "not_found", "There is nothing at this path."),
            }
        };
        self.rate_headers(&mut answer);
        answer
    }

    async fn complete(&self, body: Option<&[u8]>) -> Answer {
        let Some(body) = body else {
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", "The request is too large.");
        };
        let request: ChatRequest = match serde_json::from_slice(body) {
            Ok(request) => request,
            Err(error) => {
                return refusal(StatusCode::BAD_REQUEST, "invalid_type", &format!("Invalid request: {error}"));
            }
        };
        if request.messages.is_empty() {
            return refusal(StatusCode::BAD_REQUEST, "invalid_type", "messages must not be empty");
        }
        let scenario = self.scenarios.for_messages(&request.last_user_text(), &request.texts());
        if scenario.first_byte_delay_ms > 0 {
            tokio::time::sleep(Duration::from_millis(scenario.first_byte_delay_ms)).await;
        }
        if let Some(error) = scenario.error.as_ref().filter(|error| error.is_of(&request.model)) {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut answer = refusal(status, &error.code, "The scenario says so.");
            if let Some(seconds) = error.retry_after {
                answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            }
            return answer;
        }
        if request.model == RETIRED || scenario.retired.contains(&request.model) {
            let words = format!("The model {} has been deprecated and is no longer available.", request.model);
            return refusal(StatusCode::GONE, "model_deprecated", &words);
        }
        if !MODELS.contains(&request.model.as_str()) && !request.model.starts_with(OF_A_TEST) {
            let words = format!("Model not found: {}", request.model);
            return refusal(StatusCode::BAD_REQUEST, "model_not_found", &words);
        }
        respond(&request, scenario)
    }

    fn rate_headers(&self, answer: &mut Answer) {
        let used = self.requests.fetch_add(1, Ordering::Relaxed) % LIMIT_PER_MINUTE;
        let now = now_seconds();
        let limits = [
            ("x-ratelimit-limit-requests", LIMIT_PER_MINUTE),
            ("x-ratelimit-remaining-requests", LIMIT_PER_MINUTE - used),
            ("x-ratelimit-reset-requests", now / 60 * 60 + 60),
            ("x-ratelimit-limit-requests-day", LIMIT_PER_DAY),
            ("x-ratelimit-remaining-requests-day", LIMIT_PER_DAY - used),
            ("x-ratelimit-reset-requests-day", now / 86_400 * 86_400 + 86_400),
        ];
        for (name, number) in limits {
            answer.headers_mut().insert(name, number.into());
        }
    }
}

fn respond(request: &ChatRequest, scenario: Scenario) -> Answer {
    let streams = request.stream.unwrap_or(false);
    let pace = scenario.pace_ms.map(Duration::from_millis);
    if let Some(body) = &scenario.raw {
        let place = place_in(&request.last_user_text());
        let content = Content::Chunks(stream::raw(body.clone(), &scenario, scenario.raw_at.zip(place)));
        let default = if streams { "text/event-stream" } else { "application/json" };
        return typed(content, scenario.raw_content_type.as_deref().unwrap_or(default));
    }
    let is_demo = scenario.chunks.is_none();
    let mut pieces = match scenario.chunks {
        Some(count) => {
            let text = |index: usize| scenario.chunk_text.replace("{i}", &index.to_string());
            (0..count).map(|index| (text(index), scenario.tokens_per_chunk)).collect()
        }
        None => answers::pieces(answers::answer(&request.last_user_text())),
    };
    let mut finish = scenario.finish.clone();
    if let Some(most) = request.max_tokens.filter(|_| is_demo) {
        let mut left = most;
        let whole = pieces.len();
        pieces.retain(|(_, tokens)| {
            let fits = *tokens <= left;
            left = if fits { left - tokens } else { 0 };
            fits
        });
        if pieces.len() < whole {
            finish = "length".to_owned();
        }
    }
    let answer = stream::Answer {
        id: uuid::Uuid::new_v4().to_string(),
        created: now_seconds(),
        model: request.model.clone(),
        pieces,
        prompt_tokens: request.prompt_tokens(),
        finish,
    };
    if !streams {
        return json(StatusCode::OK, whole(&answer).to_string());
    }
    let per_piece = move |tokens: u64| match pace {
        Some(pace) => pace,
        None if is_demo => TOKEN_PACE.saturating_mul(u32::try_from(tokens).unwrap_or(u32::MAX)),
        None => Duration::ZERO,
    };
    let frames = stream::frames(answer, scenario, request.wants_usage(), per_piece);
    typed(Content::Chunks(frames), "text/event-stream; charset=utf-8")
}

/// The number between `@` and `;`.
fn place_in(message: &str) -> Option<usize> {
    let (_, place) = message.rsplit_once('@')?;
    place.split(';').next()?.parse().ok()
}

fn whole(answer: &stream::Answer) -> Value {
    let text: String = answer.pieces.iter().map(|(text, _)| text.as_str()).collect();
    value!({
        "choices": [{
            "finish_reason": answer.finish,
            "index": 0,
            "logprobs": null,
            "message": { "content": text, "role": "assistant" },
        }],
        "created": answer.created,
        "id": answer.id,
        "model": answer.model,
        "object": "chat.completion",
        "system_fingerprint": "fastcoe",
        "usage": answer.usage(),
    })
}

fn models() -> Value {
    let data = MODELS.iter().map(|model| {
        value!({ "id": model, "object": "model", "owned_by": "no-reply@sambanova.ai", "context_length": 131_072, "max_completion_tokens": 4096 })
    });
    value!({ "data": data.collect::<Vec<Value>>(), "object": "list" })
}

fn typed(content: Content, content_type: &str) -> Answer {
    let mut answer = http::Response::new(content);
    if let Ok(content_type) = HeaderValue::from_str(content_type) {
        answer.headers_mut().insert(header::CONTENT_TYPE, content_type);
    }
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

fn refusal(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = value!({
        "error": { "message": message, "type": kind(status), "param": null, "code": code },
        "request_id": uuid::Uuid::new_v4().to_string(),
    });
    json(status, body.to_string())
}

fn kind(status: StatusCode) -> &'static str {
    match status.as_u16() {
        401 => "authentication_error",
        429 => "rate_limit_error",
        500.. => "server_error",
        _ => "invalid_request_error",
    }
}

fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}

#[cfg(test)]
mod tests;
