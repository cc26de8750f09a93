//! OpenAI's Responses API: its shapes, plain and event by event, and what it costs. Its official clients are tried in `tests/clients`.

use serde_json::{Value, json};
use tests::{Visitor, control};

use crate::openai::openai_error;

const RESPONSES: &str = "/openai/responses";
const MODEL: &str = "gpt-oss-120b";

fn asked(input: &str) -> Value {
    json!({"model": MODEL, "input": input})
}

/// A stream's events, each checked against its name and number.
fn events(stream: &str) -> Vec<Value> {
    let read = |(at, event): (usize, &str)| {
        let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!((data["type"].as_str(), data["sequence_number"].as_u64()), (Some(name), Some(at as u64)), "{event}");
        data
    };
    stream.split_terminator("\n\n").enumerate().map(read).collect()
}

#[tokio::test]
async fn a_response_is_plain_or_told_event_by_event_and_costs_one_message() {
    let visitor = Visitor::new().await;
    let mut body = asked(&visitor.text("plain"));
    body["instructions"] = "Be brief.".into();
    body["max_output_tokens"] = 7.into();
    let answer = visitor.post(RESPONSES, &body).await.expect(200);
    let plain = answer.json();
    assert_eq!(
        (&plain["object"], &plain["status"], &plain["store"]),
        (&json!("response"), &json!("completed"), &json!(false))
    );
    let item = &plain["output"][0];
    assert_eq!((&item["type"], &item["role"]), (&json!("message"), &json!("assistant")));
    assert_eq!(
        (&item["content"][0]["type"], &item["content"][0]["text"]),
        (&json!("output_text"), &json!("w0 w1 w2 "))
    );
    assert!(plain["usage"]["input_tokens"].as_i64().unwrap() > 0, "{plain}");
    assert!(answer.number("x-ratelimit-remaining-requests") >= 0 && answer.number("openai-processing-ms") >= 0);
    let calls = visitor.model_calls().await;
    let sent = calls[0].request();
    assert_eq!((&sent["max_tokens"], sent["stream"].as_bool()), (&json!(7), Some(true)));
    let lines: Vec<_> =
        sent["messages"].as_array().unwrap().iter().map(|line| line["role"].as_str().unwrap()).collect();
    assert_eq!(lines[lines.len() - 2..], ["system", "user"]);

    body["stream"] = true.into();
    let answer = visitor.post(RESPONSES, &body).await.expect(200);
    let told = events(&answer.text());
    let deltas = told.iter().filter(|event| event["type"] == "response.output_text.delta");
    assert_eq!(deltas.map(|event| event["delta"].as_str().unwrap()).collect::<String>(), "w0 w1 w2 ");
    let (first, last) = (&told[0], told.last().unwrap());
    assert_eq!((&first["type"], &last["type"]), (&json!("response.created"), &json!("response.completed")));
    // All but what each answer has of its own is as in the plain one.
    let mut whole = last["response"].clone();
    for (name, of_plain) in plain.as_object().unwrap() {
        if ["id", "created_at"].contains(&name.as_str()) {
            continue;
        }
        if name == "output" {
            whole[name][0]["id"] = of_plain[0]["id"].clone();
        }
        assert_eq!(&whole[name], of_plain, "{name}");
    }
    visitor.settled_in_redis().await;
    assert_eq!(visitor.used_today().await, 2);
    assert!(control::calls("sql", &visitor.id.to_string(), visitor.since()).await.is_empty(), "Postgres is not asked");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_response_that_ends_otherwise_says_so_and_a_reader_who_leaves_closes_the_model() {
    let visitor = Visitor::new().await;
    let streamed = |words: &str| {
        let mut body = asked(words);
        body["stream"] = true.into();
        body
    };
    let short = visitor.scene(json!({"chunks": 3, "chunk_text": "w{i} ", "pace_ms": 0, "finish": "length"})).await;
    let told = events(&visitor.post(RESPONSES, &streamed(&short.text("x"))).await.expect(200).text());
    let last = told.last().unwrap();
    assert_eq!(last["type"], "response.incomplete", "{last}");
    assert_eq!(last["response"]["incomplete_details"]["reason"], "max_output_tokens");
    let plain = visitor.post(RESPONSES, &asked(&short.text("x"))).await.expect(200).json();
    assert_eq!((&plain["status"], &plain["output"][0]["status"]), (&json!("incomplete"), &json!("incomplete")));

    let broken = visitor.scene(json!({"chunks": 40, "chunk_text": "w{i} ", "pace_ms": 1, "close_at": 7})).await;
    let told = events(&visitor.post(RESPONSES, &streamed(&broken.text("x"))).await.expect(200).text());
    let last = told.last().unwrap();
    assert_eq!(
        (&last["type"], &last["response"]["error"]["code"]),
        (&json!("response.failed"), &json!("server_error"))
    );
    let refused = visitor.post(RESPONSES, &asked(&broken.text("x"))).await;
    openai_error(&refused, 502, "server_error", "provider_error");
    let silent = visitor.scene(json!({"chunks": 40, "chunk_text": "w{i} ", "pace_ms": 1, "hang_at": 3})).await;
    let mut reader = visitor.open("POST", RESPONSES, Some(&streamed(&silent.text("leave")))).await;
    let has_text = |body: &[u8]| String::from_utf8_lossy(body).contains("response.output_text.delta");
    assert!(reader.status == 200 && reader.read_until(has_text).await);
    reader.reset();
    let call = visitor.model_calls().await.pop().unwrap();
    let ended = control::ended(call.seq(), std::time::Duration::from_secs(15)).await;
    assert_eq!(ended.outcome(), "client_closed", "seen though the model is silent");

    for (more, param) in [
        (json!({"tools": [{"type": "web_search"}]}), "tools"),
        (json!({"previous_response_id": "resp_1"}), "previous_response_id"),
        (json!({"store": true}), "store"),
        (json!({"input": [{"type": "item_reference", "id": "x"}]}), "input[0].type"),
    ] {
        let mut body = asked("x");
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let refused = visitor.post(RESPONSES, &body).await;
        let error = openai_error(&refused, 400, "invalid_request_error", "unsupported_parameter");
        assert_eq!(error["param"], param);
    }
    let long = visitor.post(RESPONSES, &asked(&"word ".repeat(10_000))).await;
    openai_error(&long, 413, "invalid_request_error", "context_length_exceeded");
    visitor.leaves().await;
}
