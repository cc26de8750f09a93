//! One question without a token: what it answers, where it is cut, and whose it is.

use serde_json::{Value, json};
use tests::{Answer, Call, PATIENT, Reader, Server, Visitor, control, fresh_address};

const PATH: &str = "/api/chat";

/// The longest answer, in bytes.
const MOST: usize = 10_000;

/// A server where such questions may come; each address that it is reached from has a count of its own.
async fn server(more: &[(&str, &str)]) -> Server {
    let variables = [("FEATURE_ONE_SHOT", "true"), PATIENT];
    let variables: Vec<_> = variables.into_iter().chain(more.iter().copied()).collect();
    Server::started_with(&variables).await
}

/// Whose questions are told apart by their words alone.
async fn somebody(server: &Server) -> Visitor {
    Visitor::of(&server.reached_from(fresh_address()), "guest").await
}

fn question(words: &str) -> Call {
    Call::new("POST", PATH).json(&json!({"prompt": words}))
}

fn streamed(words: &str) -> Call {
    Call::new("POST", PATH).json(&json!({"prompt": words, "stream": true}))
}

async fn ask(visitor: &Visitor, call: Call) -> Answer {
    visitor.server().send(call).await
}

/// The last event of a stream: name and data.
fn last_event(stream: &str) -> (&str, &str) {
    let last = stream.trim_end().rsplit("\n\n").next().unwrap();
    let (name, data) = last.split_once('\n').filter(|(first, _)| first.starts_with("event: ")).unwrap_or(("", last));
    (name.trim_start_matches("event: "), data.strip_prefix("data: ").expect("data"))
}

#[tokio::test]
async fn a_question_without_a_token_is_answered_cut_and_counted_by_its_address() {
    let server = server(&[]).await;
    let visitor = somebody(&server).await;
    let answer = ask(&visitor, question(&visitor.text("whole"))).await.expect(200);
    let body = answer.json();
    assert_eq!((&body["answer"], &body["truncated"]), (&json!("w0 w1 w2 "), &json!(false)));
    assert_eq!((&body["finish_reason"], &body["model"]), (&json!("stop"), &json!("Meta-Llama-3.3-70B-Instruct")));
    assert!(body["usage"]["total_tokens"].as_i64().unwrap() > 0, "{body}");
    assert_eq!((answer.number("x-ratelimit-limit"), answer.number("x-ratelimit-remaining")), (5, 4));
    assert_eq!(answer.optional_header("x-daily-quota-limit"), None, "its day is its address'");
    assert!(control::calls("sql", &visitor.id.to_string(), visitor.since()).await.is_empty(), "nothing is kept");

    let stream = ask(&visitor, streamed(&visitor.text("stream"))).await.expect(200);
    assert_eq!((stream.said().as_str(), last_event(&stream.text())), ("w0 w1 w2 ", ("", "[DONE]")));

    // Characters of three bytes: the cut falls into one.
    let long = visitor.scene(json!({"chunks": 4_000, "chunk_text": "天地玄黃宇宙洪荒{i} ", "pace_ms": 1})).await;
    let cut = ask(&visitor, question(&long.text("long"))).await.expect(200).json();
    let text = cut["answer"].as_str().unwrap();
    assert!((MOST - 3..=MOST).contains(&text.len()) && !text.contains('\u{fffd}'), "{} bytes", text.len());
    let ends: Vec<&Value> = ["truncated", "finish_reason", "usage"].into_iter().map(|name| &cut[name]).collect();
    assert_eq!(ends, [&json!(true), &Value::Null, &Value::Null]);
    let stream = ask(&visitor, streamed(&long.text("long"))).await.expect(200);
    assert_eq!(stream.said(), text, "both forms are cut alike");
    assert_eq!(last_event(&stream.text()), ("truncated", r#"{"truncated":true}"#));
    for call in visitor.model_calls().await.iter().rev().take(2) {
        let ended = control::ended(call.seq(), std::time::Duration::from_secs(5)).await;
        assert_eq!(ended.outcome(), "client_closed", "the model is not paid for what nobody gets");
    }

    let broken = visitor.scene(json!({"chunks": 40, "chunk_text": "w{i} ", "pace_ms": 1, "close_at": 7})).await;
    let stream = ask(&visitor, streamed(&broken.text("cut"))).await.expect(200);
    let text = stream.text();
    let (name, data) = last_event(&text);
    let error: Value = serde_json::from_str(data).unwrap();
    assert_eq!((name, error["error"]["code"].as_str()), ("error", Some("provider_error")), "{text}");

    // The sixth of a minute, whoever asks from there; elsewhere it is a first one.
    let refused = ask(&visitor, question(&visitor.text("more"))).await;
    let error = refused.problem(429, "rate_limited");
    assert_eq!((&error["scope"], &error["limit"]), (&json!("minute"), &json!(5)));
    assert_eq!(visitor.used_today().await, 0, "a guest at the same address has paid nothing");
    let elsewhere = somebody(&server).await;
    let plain = ask(&elsewhere, question(&broken.text("cut"))).await;
    plain.problem(502, "provider_error");
    elsewhere.leaves().await;
    visitor.leaves().await;
}

#[tokio::test]
async fn of_many_questions_at_once_an_address_has_five_and_a_reader_who_leaves_closes_the_model() {
    let server = server(&[("CHAT_MAX_CONCURRENT_STREAMS", "10")]).await;
    let visitor = somebody(&server).await;
    let calls = (0..12).map(|_| ask(&visitor, question(&visitor.text("crowd"))));
    let statuses: Vec<u16> = futures::future::join_all(calls).await.iter().map(|answer| answer.status).collect();
    let answered = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!((answered, statuses.iter().filter(|status| **status == 429).count()), (5, 7), "{statuses:?}");

    let leaving = somebody(&server).await;
    let scene = leaving.scene(json!({"chunks": 5_000, "chunk_text": "w{i} ", "pace_ms": 20})).await;
    let mut reader = Reader::of(leaving.server().base(), &streamed(&scene.text("leave"))).await;
    assert!(reader.status == 200 && reader.read_chunks(2).await);
    reader.reset();
    let [call] = leaving.model_calls().await.try_into().unwrap();
    let ended = control::ended(call.seq(), std::time::Duration::from_secs(5)).await;
    assert_eq!(ended.outcome(), "client_closed");
    leaving.leaves().await;
    visitor.leaves().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_question_is_named_and_it_shares_what_its_address_may_have() {
    let variables = [("CHAT_ADDRESS_DAILY_MESSAGES", "1"), ("GUEST_CHALLENGE", "work"), ("CHAT_ROLLOUT", "100")];
    let server = server(&variables).await;
    let visitor = somebody(&server).await;
    for (body, code, status) in [
        (json!({}), "invalid_request", 400),
        (json!({"prompt": " \n"}), "invalid_request", 400),
        (json!({"prompt": ["x"]}), "invalid_request", 400),
        (json!({"prompt": "é".repeat(2_001)}), "message_too_long", 413),
    ] {
        let error = ask(&visitor, Call::new("POST", PATH).json(&body)).await.problem(status, code);
        assert_eq!(error["field"], "prompt", "{error}");
    }
    let unknown = json!({"prompt": "x", "model": "y"});
    ask(&visitor, Call::new("POST", PATH).json(&unknown)).await.problem(400, "invalid_request");
    let text = Call::new("POST", PATH).body("text/plain", r#"{"prompt":"x"}"#);
    ask(&visitor, text).await.problem(415, "unsupported_media_type");

    // A guest's message and a question are counted together.
    ask(&visitor, question(&visitor.text("first"))).await.expect(200);
    visitor.send(None, &visitor.text("hello")).await.problem(401, "challenge_required");
    let error = ask(&visitor, question(&visitor.text("second"))).await.problem(401, "challenge_required");
    let proof = tests::proof::solve(&error).await;
    ask(&visitor, question(&visitor.text("second")).header("x-proof-of-work", &proof)).await.expect(200);
    visitor.leaves().await;
}

#[tokio::test]
async fn without_the_switch_and_while_the_chat_is_rolled_out_there_is_none() {
    let under_test = Server::under_test();
    under_test.send(question("x")).await.problem(404, "not_found");
    under_test.send(Call::new("GET", PATH)).await.problem(404, "not_found");
    let part = server(&[("CHAT_ROLLOUT", "99")]).await;
    part.send(question("x")).await.problem(404, "not_found");
}
