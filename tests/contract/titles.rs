//! A model gives a new session its title (`CHAT_TITLES=model`): once, after the first answer, within the budget, and never over somebody's own.

use serde_json::{Value, json};
use tests::{Server, Visitor, control, eventually, stores};

/// What a title takes at most, in tokens, each at 100 micro-dollars.
const TITLE_COST: i64 = 24 * 100;
const THOUGHT_OUT_TITLE_COST: i64 = 424 * 100;

async fn title(visitor: &Visitor, session: &str) -> Value {
    visitor.get(&format!("/chat/sessions/{session}")).await.expect(200).json()["session"]["title"].clone()
}

/// What the account has spent, in micro-dollars.
async fn spent(visitor: &Visitor) -> i64 {
    stores::user(&visitor.id.to_string()).await["ledger"]["spent"].as_i64().unwrap()
}

#[tokio::test]
async fn a_model_names_a_new_session_once_at_a_cost_that_is_booked_and_never_over_somebodys_own_title() {
    let server = Server::started_with(&[
        ("CHAT_TITLES", "model"),
        ("SAMBANOVA_MODELS", "test-titles@0/100"),
        ("SAMBANOVA_MODEL", ""),
        ("CHAT_DAILY_BUDGET_USD", "100"),
    ])
    .await;
    let visitor = Visitor::of(&server, "user").await;
    let says = json!({
        "chunks": 1, "chunk_text": "**\"Rivers of Portugal.\"**\nThey flow west.", "usage": true, "finish": "stop", "done": true,
    });
    let scene = visitor.scene(says).await;
    let question = format!("{} {}", scene.tag(), "where do they flow? ".repeat(40));
    let answer = visitor.send(None, &question).await.expect(200);
    let session = answer.header("x-session-id");
    let of_first = spent(&visitor).await;
    eventually("the title is the model's", || async {
        let title = title(&visitor, session).await;
        if title == "Rivers of Portugal" { Ok(()) } else { Err(title.to_string()) }
    })
    .await;
    let calls = visitor.model_calls().await;
    let [_, naming] = &calls[..] else { panic!("{calls:?}") };
    assert_eq!(naming.request()["max_tokens"], 24);
    let messages = naming.request()["messages"].as_array().unwrap();
    let read = messages.last().unwrap()["content"].as_str().unwrap();
    assert!(question.starts_with(read) && read.chars().count() == 500, "{read}");
    // What is said next is no reason for another, and costs an answer alone.
    visitor.send(Some(session), &question).await.expect(200);
    assert_eq!(of_first - (spent(&visitor).await - of_first), TITLE_COST);

    // Its owner is faster than the model.
    let since = control::newest().await;
    let late = json!({"latency_ms": 2500});
    let late = control::fault_at("model", &["Name the conversation", scene.tag()], late, Some(1)).await;
    let named = visitor.send(None, &scene.text("and this one?")).await.expect(200);
    let session = named.header("x-session-id");
    let path = format!("/chat/sessions/{session}");
    visitor.call("PATCH", &path, Some(&json!({"title": "Mine"}))).await.expect(200);
    eventually("the model's title has come", || async {
        let calls = control::calls("sql", session, since).await;
        let mut names = calls.iter().filter(|call| call.0["request"].to_string().contains("title_session"));
        if names.any(|call| call.ended()) { Ok(()) } else { Err(format!("{} statements", calls.len())) }
    })
    .await;
    assert_eq!((late.lift().await, title(&visitor, session).await), (1, json!("Mine")));
    assert_eq!(visitor.model_calls().await.len(), 5, "two answers and a title, an answer and a title");

    // A model that thinks first has room for it, and its thoughts are no title.
    let delta = |delta: Value| format!("data: {}\n\n", json!({"choices": [{"index": 0, "delta": delta}]}));
    let thought = delta(json!({"reasoning": "They want six words."}));
    let said = delta(json!({"content": "<think>\nFive will do.\n</think>\n\nLakes of Finland"}));
    let end = json!({"choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}]});
    let raw = format!("{thought}{said}data: {end}\n\ndata: [DONE]\n\n");
    let (scene, before) = (visitor.scene(json!({"raw": raw})).await, spent(&visitor).await);
    let answer = visitor.send(None, &scene.text("which lakes?")).await.expect(200);
    let session = answer.header("x-session-id");
    let of_first = spent(&visitor).await - before;
    eventually("the title is without its thoughts", || async {
        let title = title(&visitor, session).await;
        if title == "Lakes of Finland" { Ok(()) } else { Err(title.to_string()) }
    })
    .await;
    assert_eq!(visitor.model_calls().await.last().unwrap().request()["max_tokens"], 424);
    visitor.send(Some(session), &scene.text("which lakes?")).await.expect(200);
    assert_eq!(of_first - (spent(&visitor).await - before - of_first), THOUGHT_OUT_TITLE_COST);
    visitor.leaves().await;
}
