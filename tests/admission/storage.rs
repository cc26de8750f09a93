//! How much is kept of a user, of what comes from one address, and of all.

use serde_json::{Value, json};
use tests::{Answer, Server, Visitor, clock, eventually, fresh_address, stores};

/// A guest has a tenth of it, an address a day all of it.
const MEGABYTE: (&str, &str) = ("CHAT_USER_STORAGE_MB", "1");

/// An answer of this many kilobytes.
fn answer_of(kilobytes: usize) -> Value {
    json!({"chunks": kilobytes, "chunk_text": "x".repeat(1_000), "usage": true})
}

/// Refused for want of space: of whom, and of how many bytes.
fn is_full(answer: &Answer, scope: &str) -> Value {
    let error = answer.problem(403, "storage_full");
    assert_eq!(error["scope"], scope, "{error}");
    error
}

async fn kept(visitor: &Visitor) -> i64 {
    stores::number("select bytes from users where id = $1::uuid", &[&visitor.id.to_string()]).await
}

#[tokio::test]
async fn a_guest_whose_space_is_full_reads_deletes_and_writes_again() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[MEGABYTE]).await;
    let visitor = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
    let scene = visitor.scene(answer_of(100)).await;
    let (long, short) = (scene.text("at length"), visitor.text("in brief"));
    let answer = visitor.send(None, &long).await.expect(200).json();
    let session = answer["session"]["id"].as_str().or(answer["message"]["session_id"].as_str()).unwrap().to_owned();
    let id = answer["message"]["id"].as_str().unwrap();
    let expected = i64::try_from(long.len()).unwrap() + 100_000 + 400;
    assert_eq!(kept(&visitor).await, expected);

    // Whatever would add to it is refused before the model is asked, and costs nothing.
    for answer in [
        visitor.send(None, &short).await,
        visitor.send(Some(&session), &short).await,
        visitor.post(&format!("/chat/sessions/{session}/messages/{id}/regenerate"), &json!({})).await,
    ] {
        assert_eq!(is_full(&answer, "user")["limit"], 100_000);
    }
    assert_eq!((visitor.model_calls().await.len(), visitor.used_today().await), (1, 1));
    assert_eq!(visitor.messages(&session).await.len(), 2);

    visitor.call("DELETE", &format!("/chat/sessions/{session}"), None).await.expect(200);
    assert_eq!(kept(&visitor).await, 0);
    visitor.send(None, &short).await.expect(200);
    let restore = format!("/chat/sessions/{session}/restore");
    visitor.post(&restore, &json!({})).await.expect(200);
    is_full(&visitor.send(None, &short).await, "user");
    // As long as there is no space nothing comes back: else what is kept would have no end.
    let sessions = visitor.get("/chat/sessions").await.expect(200).json();
    let other = sessions["sessions"].as_array().unwrap().iter().find(|one| one["id"] != *session).unwrap().clone();
    let other = other["id"].as_str().unwrap();
    visitor.call("DELETE", &format!("/chat/sessions/{other}"), None).await.expect(200);
    is_full(&visitor.post(&format!("/chat/sessions/{other}/restore"), &json!({})).await, "user");
    visitor.leaves().await;
}

#[tokio::test]
async fn what_the_guests_of_an_address_write_ends_with_its_space_of_the_day() {
    let _clock = clock::still().await;
    let server = Server::started_with(&[MEGABYTE]).await;
    let here = server.reached_from(fresh_address());
    let greedy = Visitor::of(&here, "guest").await;
    let scene = greedy.scene(answer_of(1_000)).await;
    greedy.send(None, &scene.text("all of it")).await.expect(200);
    let other = Visitor::of(&here, "guest").await;
    let error = is_full(&other.send(None, &other.text("hello")).await, "address");
    assert!(error["reset_at"].is_string() && error["limit"] == 1_000_000, "{error}");
    assert_eq!(other.used_today().await, 0);
    let account = Visitor::of(&here, "user").await;
    account.send(None, &account.text("hello")).await.expect(200);
    let elsewhere = Visitor::of(&server.reached_from(fresh_address()), "guest").await;
    elsewhere.send(None, &elsewhere.text("hello")).await.expect(200);
    for visitor in [greedy, other, account, elsewhere] {
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn a_database_that_is_nearly_full_is_told_once_and_takes_nothing_new() {
    let _clock = clock::still().await;
    stores::rows("update chat_storage set bytes = 0, measured_at = '-infinity', told_on = null", &[]).await;
    // Every database is larger.
    let server = Server::started_with(&[("STORAGE_LIMIT_MB", "1")]).await;
    let visitor = Visitor::of(&server, "user").await;
    // Nobody has measured it yet.
    let answer = visitor.send(None, &visitor.text("the last one")).await.expect(200).json();
    let session = answer["message"]["session_id"].as_str().unwrap().to_owned();
    let told = || server.output().iter().filter(|line| line.contains("\"event\":\"storage_low\"")).count();
    eventually("the event", || async { if told() == 1 { Ok(()) } else { Err(told().to_string()) } }).await;
    is_full(&visitor.send(None, &visitor.text("hello")).await, "all");
    is_full(&visitor.send(Some(&session), &visitor.text("hello")).await, "all");
    is_full(&visitor.post("/chat/sessions", &json!({})).await, "all");
    assert_eq!((visitor.used_today().await, visitor.messages(&session).await.len()), (1, 2));

    // It has become smaller, and the next refusal measures it.
    let due = "update chat_storage set bytes = 2000000, measured_at = now() - interval '6 minutes'";
    stores::rows(due, &[]).await;
    is_full(&visitor.send(None, &visitor.text("hello")).await, "all");
    eventually("the database is measured", || async {
        let bytes = stores::number("select bytes from chat_storage", &[]).await;
        if bytes > 2_000_000 { Ok(()) } else { Err(bytes.to_string()) }
    })
    .await;
    assert_eq!(told(), 1);
    visitor.leaves().await;
}
