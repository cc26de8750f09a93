//! The search through one's own sessions: any script, nobody else's, bounded.

use serde_json::{Value, json};
use tests::{Server, Visitor, stores};
use uuid::Uuid;

async fn search(visitor: &Visitor, q: &str) -> Value {
    visitor.post("/chat/search", &json!({"q": q})).await.expect(200).json()
}

/// The hits of the only session that was found.
fn hits(found: &Value) -> &Vec<Value> {
    let sessions = found["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 1, "{found}");
    sessions[0]["hits"].as_array().unwrap()
}

#[tokio::test]
async fn what_was_said_is_found_in_any_script_and_taken_as_it_is() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let said = [
        ("Größe und Straße", "straße", "Straße"),
        ("価格は百円です", "百円", "百円"),
        ("مرحبا بالعالم", "بالعالم", "بالعالم"),
        ("a 👩‍💻 writes", "👩‍💻", "👩‍💻"),
        ("100% sure", "100%", "100%"),
        ("snake_case", "e_c", "e_c"),
        (r"C:\temp", r"\t", r"\t"),
        ("it's; drop table users --", "'s; drop table", "'s; drop table"),
    ];
    for (text, _, _) in said {
        visitor.send(Some(&session), &visitor.text(text)).await.expect(200);
    }
    for (text, q, expected) in said {
        let found = search(&visitor, q).await;
        let hits = hits(&found);
        let (hit, others) = hits.split_first().unwrap();
        assert!(others.is_empty(), "{q}: {found}");
        assert_eq!((hit["text"].as_str(), &hit["role"]), (Some(expected), &json!("user")), "{text}");
        let whole = ["before", "text", "after"].map(|part| hit[part].as_str().unwrap()).concat();
        assert!(whole.contains(text), "{whole}");
        assert_eq!(found["sessions"][0]["session"]["id"], session);
        assert_eq!(found["next_cursor"], Value::Null);
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_sign_of_patterns_finds_itself_alone() {
    let visitor = Visitor::new().await;
    visitor.send(None, &visitor.text("nothing of the kind")).await.expect(200);
    for q in ["%%", "__", r"\%", "nowhere to be found"] {
        assert_eq!(search(&visitor, q).await["sessions"], json!([]), "{q}");
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn titles_and_answers_are_found_three_hits_a_session_the_newest_first() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(json!({"chunks": 1, "chunk_text": "the answer names a walrus"})).await;
    let session = visitor.session().await;
    for _ in 0..4 {
        visitor.send(Some(&session), &scene.text("which animal")).await.expect(200);
    }
    visitor
        .call("PATCH", &format!("/chat/sessions/{session}"), Some(&json!({"title": "Of Walruses"})))
        .await
        .expect(200);
    let other = visitor.session().await;
    visitor.call("PATCH", &format!("/chat/sessions/{other}"), Some(&json!({"title": "Walrus, too"}))).await.expect(200);
    let found = search(&visitor, "WALRUS").await;
    let sessions = found["sessions"].as_array().unwrap();
    let ids: Vec<&Value> = sessions.iter().map(|found| &found["session"]["id"]).collect();
    assert_eq!(ids, [&json!(other), &json!(session)], "newest activity first");
    assert_eq!(sessions[0]["hits"], json!([]), "its title is the hit");
    let hits = sessions[1]["hits"].as_array().unwrap();
    let times: Vec<&str> = hits.iter().map(|hit| hit["message_id"].as_str().unwrap()).collect();
    assert!(times.len() == 3 && times.is_sorted_by(|newer, older| newer > older), "{found}");
    assert!(hits.iter().all(|hit| hit["role"] == "assistant" && hit["before"] == "the answer names a "), "{found}");
    visitor.leaves().await;
}

#[tokio::test]
async fn nobody_finds_what_is_not_theirs_or_is_deleted() {
    let (owner, stranger) = (Visitor::new().await, Visitor::new().await);
    let word = format!("secret{}", Uuid::now_v7().simple());
    let session = owner.session().await;
    owner.send(Some(&session), &owner.text(&word)).await.expect(200);
    assert_eq!(hits(&search(&owner, &word).await).len(), 1);
    assert_eq!(search(&stranger, &word).await, json!({"sessions": [], "next_cursor": null}));
    // Another's cursor leads nowhere.
    let cursor = format!("{}.{session}.{}", i64::from(u32::MAX) * 1_000_000, Uuid::now_v7());
    let found = stranger.post("/chat/search", &json!({"q": word, "cursor": cursor})).await.expect(200).json();
    assert_eq!(found["sessions"], json!([]));
    owner.call("DELETE", &format!("/chat/sessions/{session}"), None).await.expect(200);
    assert_eq!(search(&owner, &word).await["sessions"], json!([]));
    owner.leaves().await;
    stranger.leaves().await;
}

#[tokio::test]
async fn pages_follow_each_other_without_a_gap() {
    let server = Server::started_with(&[("CHAT_RATE_LIMIT_PER_MINUTE", "1000")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let title = |number: u32| json!({"title": format!("Chat number {number}")});
    let mut made = Vec::new();
    for number in 0..53 {
        let session = visitor.session().await;
        visitor.call("PATCH", &format!("/chat/sessions/{session}"), Some(&title(number))).await.expect(200);
        // Twenty may be empty.
        visitor.send(Some(&session), &visitor.text("hi")).await.expect(200);
        made.push(session);
    }
    made.reverse();
    let first = search(&visitor, "chat number").await;
    let cursor = first["next_cursor"].clone();
    assert!(cursor.is_string(), "{first}");
    let second = visitor.post("/chat/search", &json!({"q": "chat number", "cursor": cursor})).await.expect(200).json();
    assert_eq!(second["next_cursor"], Value::Null);
    let found: Vec<String> = [&first, &second]
        .iter()
        .flat_map(|page| page["sessions"].as_array().unwrap())
        .map(|found| found["session"]["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(found, made);
    // A page without a hit says where to go on, too.
    let empty = search(&visitor, "nowhere to be found").await;
    assert_eq!((empty["sessions"].clone(), empty["next_cursor"].is_string()), (json!([]), true));
    visitor.leaves().await;
}

#[tokio::test]
async fn a_page_of_long_messages_ends_early_and_the_next_goes_on_there() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    // 3.2 MB, with the text in the newest and the oldest, and in two between them.
    let fill = "insert into chat_messages (id, session_id, role, content, status)
        select ($1::text || lpad(n::text, 12, '0'))::uuid, $2::uuid, 'user',
               rpad(case when n in (1, 100, 200, 400) then 'a heron ' else 'a stork ' end, 8000, md5(n::text)), 'complete'
        from generate_series(1, 400) n";
    let id = Uuid::now_v7().to_string();
    let (group, _) = id.split_at(id.len() - 12);
    stores::rows(fill, &[group, &session]).await;
    let ids = |numbers: [u32; 2]| numbers.map(|number| json!(format!("{group}{number:012}")));
    let messages = |page: &Value| hits(page).iter().map(|hit| hit["message_id"].clone()).collect::<Vec<Value>>();
    let first = search(&visitor, "heron").await;
    assert_eq!(messages(&first), ids([400, 200]), "2 MB are read");
    let cursor = &first["next_cursor"];
    let second = visitor.post("/chat/search", &json!({"q": "heron", "cursor": cursor})).await.expect(200).json();
    assert_eq!(messages(&second), ids([100, 1]));
    assert_eq!(second["next_cursor"], Value::Null);
    // A chat with three hits is read no further: the first page gets to its end.
    assert_eq!(search(&visitor, "stork").await["next_cursor"], Value::Null);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_wrong_search_is_told_and_too_many_are_refused() {
    let visitor = Visitor::new().await;
    let post = async |body: Value| visitor.post("/chat/search", &body).await;
    for (body, field) in [
        (json!({"q": "a"}), "q"),
        (json!({"q": "  "}), "q"),
        (json!({"q": "x".repeat(101)}), "q"),
        (json!({}), "q"),
        (json!({"q": "ab", "cursor": "x"}), "cursor"),
        (json!({"q": "ab", "cursor": ""}), "cursor"),
        (json!({"q": "ab", "more": 1}), "more"),
    ] {
        let error = post(body.clone()).await.problem(400, "invalid_request");
        assert_eq!(error["field"], field, "{body}");
    }
    for _ in 0..10 {
        post(json!({"q": "ab"})).await.expect(200);
    }
    let refused = post(json!({"q": "ab"})).await;
    let problem = refused.problem(429, "rate_limited");
    assert_eq!((&problem["scope"], &problem["limit"]), (&json!("tries"), &json!(10)));
    assert!((1..=60).contains(&refused.number("retry-after")));
    // Another of the same address goes on.
    let other = Visitor::of(&Server::under_test(), "guest").await;
    search(&other, "ab").await;
    other.leaves().await;
    visitor.leaves().await;
}
