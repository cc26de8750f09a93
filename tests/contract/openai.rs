//! OpenAI's API: its shapes, and that it costs and keeps what it should. Its official clients are tried in `tests/clients`.

use serde_json::{Value, json};
use tests::{Answer, Call, Visitor, control};

const COMPLETIONS: &str = "/openai/chat/completions";
const MODEL: &str = "gpt-oss-120b";

pub fn conversation(content: &str) -> Value {
    json!({"model": MODEL, "messages": [{"role": "user", "content": content}]})
}

/// Checks an error in OpenAI's shape.
pub fn openai_error(answer: &Answer, status: u16, kind: &str, code: &str) -> Value {
    let error = answer.json()["error"].clone();
    let told = (answer.status, error["type"].as_str(), error["code"].as_str());
    assert_eq!(told, (status, Some(kind), Some(code)), "{}", answer.shown());
    let members: Vec<&String> = error.as_object().unwrap().keys().collect();
    assert_eq!(members, ["code", "message", "param", "type"]);
    error
}

#[tokio::test]
async fn a_plain_answer_has_the_shape_costs_one_message_and_leaves_nothing_behind() {
    let visitor = Visitor::new().await;
    let answer = visitor.post(COMPLETIONS, &conversation(&visitor.text("plain"))).await.expect(200);
    let body = answer.json();
    assert_eq!(body["object"], "chat.completion");
    assert_eq!(body["choices"][0]["message"], json!({"role": "assistant", "content": "w0 w1 w2 ", "refusal": null}));
    assert_eq!(body["choices"][0]["finish_reason"], "stop");
    assert!(body["usage"]["total_tokens"].as_i64().unwrap() > 0, "{body}");
    assert!(body["id"].as_str().unwrap().starts_with("chatcmpl-"));
    for name in ["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "openai-processing-ms"] {
        assert!(answer.number(name) >= 0);
    }
    assert!(answer.header("x-ratelimit-reset-requests").ends_with('s'));
    assert!(control::calls("sql", &visitor.id.to_string(), visitor.since()).await.is_empty(), "Postgres is not asked");
    assert_eq!(visitor.used_today().await, 1);
    assert_eq!(visitor.get("/chat/sessions").await.expect(200).json()["sessions"], json!([]));
    visitor.leaves().await;
}

#[tokio::test]
async fn what_is_wanted_of_the_model_reaches_it() {
    let visitor = Visitor::new().await;
    let mut body = conversation(&visitor.text("wishes"));
    body["max_tokens"] = 7.into();
    body["temperature"] = json!(0.25);
    body["stop"] = json!(["END"]);
    body["user"] = "dropped".into();
    visitor.post(COMPLETIONS, &body).await.expect(200);
    body["max_tokens"] = 4_000_000.into();
    visitor.post(COMPLETIONS, &body).await.expect(200);
    let calls = visitor.model_calls().await;
    let asked = calls[0].request();
    assert_eq!((&asked["model"], &asked["max_tokens"]), (&json!(MODEL), &json!(7)));
    assert_eq!((&asked["temperature"], &asked["stop"]), (&json!(0.25), &json!(["END"])));
    assert_eq!(asked["user"], Value::Null);
    assert!(calls[1].request()["max_tokens"].as_i64().unwrap() < 40_000, "no more than the operator allows");
    visitor.leaves().await;
}

/// What a relay that reads and writes would not give back byte for byte: comments, several line ends, escapes, blanks, members that nobody knows.
fn odd_stream() -> String {
    [
        ": keep-alive\n\n",
        "data: {\"choices\": [ {\"index\":0, \"delta\":{\"role\":\"assistant\",\"content\":\"\"}}],\"id\":\"c\",\"created\":1771518114.250}\n\n",
        "data:{\"x_unknown\":{\"deep\":[1, 2]},\"choices\":[{\"delta\":{\"content\":\"\\u00e9 \\/ \"}}]}\r\n\r\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"Grüße, 世界\",\"reasoning\":\"aside\"},\"logprobs\":null}]}\n\n",
        "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\",\"index\":0}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":22,\"total_tokens\":33}}\n\n",
        "data: [DONE]\n\n",
    ]
    .concat()
}

#[tokio::test]
async fn a_stream_is_the_models_own_and_settles_its_charge() {
    let visitor = Visitor::new().await;
    let sent = odd_stream();
    for split in [json!("frame"), json!(7)] {
        let scene = visitor.scene(json!({"raw": sent, "pace_ms": 0, "split": split})).await;
        let mut body = conversation(&scene.text("stream"));
        body["stream"] = true.into();
        let answer = visitor.post(COMPLETIONS, &body).await.expect(200);
        assert_eq!(answer.body, sent, "the reader gets the model's bytes, cut by {split}: {}", answer.shown());
    }
    let called = visitor.model_calls().await;
    let written: Vec<&Value> = called.iter().map(|call| &call.0["bytes_sent"]).collect();
    assert_eq!(written, [&json!(sent.len()), &json!(sent.len())], "and the model has written no others");
    visitor.settled_in_redis().await;
    assert_eq!(visitor.used_today().await, 2);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_stream_that_breaks_off_ends_with_an_error_that_clients_read_and_without_done() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 40, "chunk_text": "w{i} ", "pace_ms": 1, "close_at": 7})).await;
    let mut body = conversation(&scene.text("cut"));
    body["stream"] = true.into();
    let answer = visitor.post(COMPLETIONS, &body).await.expect(200);
    let text = answer.text();
    let last = text.trim_end().rsplit("\n\n").next().unwrap().strip_prefix("data: ").expect("an event without a name");
    let error: Value = serde_json::from_str(last).unwrap();
    assert_eq!(error["error"]["type"], "server_error", "{text}");
    assert!(!text.contains("[DONE]"), "{text}");
    body["stream"] = false.into();
    let plain = visitor.post(COMPLETIONS, &body).await;
    openai_error(&plain, 502, "server_error", "provider_error");
    visitor.settled_in_redis().await;
    assert_eq!(visitor.used_today().await, 1, "what was withheld costs no message, what was read does");
    visitor.leaves().await;
}

#[tokio::test]
async fn what_the_model_refuses_of_a_clients_wishes_is_the_clients_to_change() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"error": {"status": 400, "code": "invalid_value"}})).await;
    let refused = visitor.post(COMPLETIONS, &conversation(&scene.text("wish"))).await;
    openai_error(&refused, 400, "invalid_request_error", "invalid_request");
    let scene = visitor.scene(json!({"error": {"status": 401, "code": "invalid_api_key"}})).await;
    let failed = visitor.post(COMPLETIONS, &conversation(&scene.text("key"))).await;
    openai_error(&failed, 502, "server_error", "provider_error");
    for answer in [refused, failed] {
        assert_eq!(answer.optional_header("x-session-id"), None, "nothing is kept: {}", answer.shown());
    }
    visitor.settled_in_redis().await;
    assert_eq!(visitor.used_today().await, 0);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_reader_who_leaves_closes_the_model_and_frees_the_place() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 5_000, "chunk_text": "w{i} ", "pace_ms": 20})).await;
    let mut body = conversation(&scene.text("leave"));
    body["stream"] = true.into();
    let mut reader = visitor.open("POST", COMPLETIONS, Some(&body)).await;
    assert!(reader.status == 200 && reader.read_chunks(2).await);
    reader.reset();
    visitor.settled_in_redis().await;
    visitor.leaves().await;
}

#[tokio::test]
async fn errors_have_openais_shape() {
    let visitor = Visitor::new().await;
    let post = async |body: Value| visitor.post(COMPLETIONS, &body).await;
    let mut unknown = conversation("x");
    unknown["model"] = "no such model".into();
    let error = openai_error(&post(unknown).await, 404, "invalid_request_error", "model_not_found");
    assert_eq!(error["param"], "model");
    let mut tools = conversation("x");
    tools["tools"] = json!([{"type": "function"}]);
    let error = openai_error(&post(tools).await, 400, "invalid_request_error", "unsupported_parameter");
    assert_eq!(error["param"], "tools");
    let long = conversation(&"word ".repeat(10_000));
    openai_error(&post(long).await, 413, "invalid_request_error", "context_length_exceeded");
    let mut schema = conversation(&visitor.text("schema"));
    schema["response_format"] = json!({"type": "json_schema", "json_schema": {"name": "s", "schema": {}}});
    openai_error(&post(schema).await, 400, "invalid_request_error", "unsupported_parameter");
    let mut beside = conversation(&visitor.text("beside"));
    beside["stop"] = json!("word ".repeat(5_000));
    openai_error(&post(beside).await, 413, "invalid_request_error", "context_length_exceeded");
    let huge = conversation(&"w".repeat(70_000));
    openai_error(&post(huge).await, 413, "invalid_request_error", "body_too_large");
    openai_error(&post(json!([])).await, 400, "invalid_request_error", "invalid_request");
    let stranger = Call::new("POST", "/v1/chat/completions").json(&conversation("x"));
    let refused = visitor.server().send(stranger).await;
    openai_error(&refused, 401, "authentication_error", "invalid_api_key");
    assert_eq!(refused.header("x-should-retry"), "false");
    let wrong_method = visitor.call("DELETE", COMPLETIONS, None).await;
    openai_error(&wrong_method, 405, "invalid_request_error", "method_not_allowed");
    visitor.settled_in_redis().await;
    assert_eq!(visitor.used_today().await, 0);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_used_up_minute_says_when_in_milliseconds_too() {
    let visitor = Visitor::new().await;
    let limit = visitor.quota().await["minute"]["limit"].as_i64().unwrap();
    for _ in 0..limit {
        visitor.post(COMPLETIONS, &conversation(&visitor.text("fill"))).await.expect(200);
    }
    let refused = visitor.post(COMPLETIONS, &conversation(&visitor.text("more"))).await;
    openai_error(&refused, 429, "rate_limit_error", "rate_limit_exceeded");
    assert_eq!(refused.number("retry-after-ms"), refused.number("retry-after") * 1000);
    assert_eq!(refused.optional_header("x-should-retry"), None);
    assert_eq!(refused.number("x-ratelimit-remaining-requests"), 0);
    visitor.leaves().await;
}

#[tokio::test]
async fn the_models_are_listed_at_both_addresses() {
    let visitor = Visitor::new().await;
    let listed = visitor.get("/openai/models").await.expect(200).json();
    assert_eq!(listed["object"], "list");
    let ids: Vec<&str> = listed["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    assert!(ids.contains(&MODEL), "{ids:?}");
    let one = visitor.get(&format!("/openai/models/{MODEL}")).await.expect(200).json();
    assert_eq!(one, json!({"id": MODEL, "object": "model", "created": 0, "owned_by": "edgewise"}));
    let none = visitor.get("/openai/models/none").await;
    openai_error(&none, 404, "invalid_request_error", "model_not_found");
    let root = Call::new("GET", "/v1/models").token(&visitor.token);
    let root = visitor.server().send(root).await.expect(200);
    assert_eq!(root.json(), listed);
    visitor.leaves().await;
}
