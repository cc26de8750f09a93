//! The demo model: its answers, its frames, and its scenarios.

use super::scenario::{Scenario, ScenarioRule, Split};
use super::{Model, answers, stream};
use crate::body::Content;
use crate::server::Call;
use futures::StreamExt;
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn pieces_are_the_answer_and_carry_several_tokens() {
    for question in
        ["hi", "write code", "compare", "maths: a proof", "make a plan", "who are you", "a story", "whatever"]
    {
        let answer = answers::answer(question);
        let pieces = answers::pieces(answer);
        assert_eq!(pieces.iter().map(|(text, _)| text.as_str()).collect::<String>(), answer);
        assert!(pieces.iter().any(|(_, tokens)| *tokens > 1), "{question}");
    }
}

#[test]
fn different_questions_get_different_answers() {
    let questions = [
        "hello",
        "some code please",
        "compare these",
        "an equation",
        "a todo list",
        "what is edgewise?",
        "tell me a poem",
        "?",
    ];
    let answers: std::collections::HashSet<_> = questions.iter().map(|question| answers::answer(question)).collect();
    assert_eq!(answers.len(), questions.len());
}

fn answer() -> stream::Answer {
    stream::Answer {
        id: "id".to_owned(),
        created: 1,
        model: "m".to_owned(),
        pieces: vec![("a\"é".to_owned(), 2), ("😀".to_owned(), 3)],
        prompt_tokens: 7,
        finish: "stop".to_owned(),
    }
}

async fn body(scenario: Scenario) -> (Vec<Vec<u8>>, bool) {
    let mut chunks = stream::frames(answer(), scenario, true, |_| Duration::ZERO);
    let mut sent = Vec::new();
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(bytes) => sent.push(bytes.to_vec()),
            Err(_) => return (sent, true),
        }
    }
    (sent, false)
}

#[tokio::test]
async fn frames_look_like_sambanovas() {
    let (chunks, cut) = body(Scenario::default()).await;
    let frames: Vec<String> = chunks.into_iter().map(|chunk| String::from_utf8(chunk).unwrap()).collect();
    assert!(!cut);
    assert_eq!(frames.len(), 5);
    assert_eq!(
        frames[0],
        "data: {\"choices\":[{\"delta\":{\"content\":\"a\\\"é\",\"role\":\"assistant\"},\"finish_reason\":null,\"index\":0,\
         \"logprobs\":null}],\"created\":1,\"id\":\"id\",\"model\":\"m\",\"object\":\"chat.completion.chunk\",\
         \"system_fingerprint\":\"fastcoe\"}\n\n"
    );
    let parse = |frame: &str| -> Value { serde_json::from_str(frame.strip_prefix("data: ").unwrap()).unwrap() };
    assert_eq!(parse(&frames[2])["choices"][0]["finish_reason"], "stop");
    assert_eq!(parse(&frames[3])["choices"], json!([]));
    assert_eq!(parse(&frames[3])["usage"]["completion_tokens"], 5);
    assert_eq!(parse(&frames[3])["usage"]["total_tokens"], 12);
    assert_eq!(frames[4], "data: [DONE]\n\n");
}

#[tokio::test]
async fn any_split_is_the_same_text() {
    let whole = body(Scenario::default()).await.0.concat();
    for size in [1, 2, 3, 7, 100, 100_000] {
        let (chunks, _) = body(Scenario { split: Split::Bytes(size), ..Scenario::default() }).await;
        assert!(chunks.iter().all(|chunk| chunk.len() <= size));
        assert_eq!(chunks.concat(), whole);
    }
}

#[tokio::test]
async fn it_breaks_where_it_is_told() {
    let (chunks, cut) = body(Scenario { close_at: Some(1), ..Scenario::default() }).await;
    assert_eq!((chunks.len(), cut), (1, true));
    let (chunks, cut) = body(Scenario { error_at: Some(1), ..Scenario::default() }).await;
    assert!(String::from_utf8_lossy(&chunks[1]).contains("\"error\"") && chunks.len() == 2 && !cut);
    let (chunks, _) = body(Scenario { done: false, usage: Some(false), ..Scenario::default() }).await;
    assert_eq!(chunks.len(), 3);
}

async fn ask(model: &Model, key: &str, body: &Value) -> (u16, Value) {
    let request = http::Request::post("/v1/chat/completions").header("authorization", format!("Bearer {key}"));
    let (head, ()) = request.body(()).unwrap().into_parts();
    let answer = model.answer(Call { head: &head, body: Some(body.to_string().into()) }).await;
    assert!(answer.headers().contains_key("x-ratelimit-remaining-requests-day"));
    let status = answer.status().as_u16();
    let Content::Whole(body) = answer.into_body() else { panic!("streamed") };
    (status, serde_json::from_slice(&body).unwrap())
}

fn rule(json: Value) -> ScenarioRule {
    serde_json::from_value(json).unwrap()
}

#[tokio::test]
async fn refusals() {
    let model = Model::new("key".to_owned());
    let chat = |name: &str, text: &str| json!({"model": name, "messages": [{"role": "user", "content": text}]});
    let (status, body) = ask(&model, "wrong", &chat("gpt-oss-120b", "x")).await;
    assert_eq!((status, &body["error"]["code"]), (401, &json!("invalid_authentication")));
    assert!(body["request_id"].is_string());
    let (status, body) = ask(&model, "key", &chat("nope", "x")).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("model_not_found")));
    model.scenarios.set(rule(json!({"scenario": {"retired": ["gpt-oss-120b"]}})));
    let (status, body) = ask(&model, "key", &chat("gpt-oss-120b", "x")).await;
    assert_eq!((status, &body["error"]["code"]), (410, &json!("model_deprecated")));
    let full = json!({"match": {"contains": "busy"}, "scenario": {"error": {"status": 429, "code": "queue_full", "retry_after": 2}}});
    model.scenarios.set(rule(full));
    let (status, body) = ask(&model, "key", &chat("gpt-oss-120b", "are you busy?")).await;
    assert_eq!((status, &body["error"]["code"]), (429, &json!("queue_full")));
    let one =
        json!({"scenario": {"error": {"status": 402, "code": "PAYMENT_METHOD_REQUIRED", "models": ["gpt-oss-120b"]}}});
    model.scenarios.set(rule(one));
    assert_eq!(ask(&model, "key", &chat("gpt-oss-120b", "x")).await.0, 402);
    assert_eq!(ask(&model, "key", &chat("Meta-Llama-3.3-70B-Instruct", "x")).await.0, 200);
    model.scenarios.clear();
    assert_eq!(ask(&model, "key", &chat("gpt-oss-120b", "are you busy?")).await.0, 200);
}

#[tokio::test]
async fn the_scenario_of_a_text_wins_over_the_general_one() {
    let model = Model::new("key".to_owned());
    model.scenarios.set(rule(json!({"scenario": {"chunks": 2, "chunk_text": "{i};"}})));
    model
        .scenarios
        .set(rule(json!({"match": {"contains": "special"}, "scenario": {"chunks": 1, "chunk_text": "one"}})));
    for (text, wanted) in [("x", "0;1;"), ("special", "one")] {
        let request = json!({"model": "gpt-oss-120b", "messages": [{"role": "user", "content": text}]});
        assert_eq!(ask(&model, "key", &request).await.1["choices"][0]["message"]["content"], wanted);
    }
}
