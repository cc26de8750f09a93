//! Chats that come in from files, part by part.

use serde_json::{Value, json};
use tests::control::{fault_at, tag};
use tests::{Answer, Visitor, stores};
use uuid::Uuid;

use crate::accounts::{self, text};

const IMPORT: &str = "/chat/import";

fn said(role: &str, content: &str, parent: Option<u32>) -> Value {
    json!({"role": role, "content": content, "parent": parent})
}

async fn import(visitor: &Visitor, import: Uuid, first: u32, messages: &[Value]) -> Answer {
    let part = json!({"import_id": import, "title": "From elsewhere", "first": first, "messages": messages});
    visitor.post(IMPORT, &part).await
}

fn contents(messages: &[Value]) -> Vec<String> {
    messages.iter().map(|message| text(&message["content"])).collect()
}

#[tokio::test]
async fn a_chat_comes_in_with_all_its_branches_and_goes_on() {
    let visitor = Visitor::new().await;
    let id = Uuid::now_v7();
    let mut answer = said("assistant", "Two\r\nlines\u{0}", Some(0));
    answer["model"] = json!("another-model");
    answer["said_at"] = json!(1_700_000_000);
    let mut cut = said("assistant", "Anoth", Some(0));
    cut["is_cut"] = json!(true);
    let begun = import(&visitor, id, 0, &[said("user", "One?", None), answer, cut]).await.expect(200).json();
    assert_eq!((&begun["next"], &begun["session"]["title"]), (&json!(3), &json!("From elsewhere")));
    let session = text(&begun["session"]["id"]);
    let rest = [said("user", "Three?", Some(1)), said("assistant", "Four", Some(3))];
    assert_eq!(import(&visitor, id, 3, &rest).await.expect(200).json()["next"], 5);

    let kept = visitor.messages(&session).await;
    assert_eq!(contents(&kept), ["One?", "Two\nlines", "Anoth", "Three?", "Four"]);
    let parents: Vec<&Value> = kept.iter().map(|message| &message["parent_id"]).collect();
    assert_eq!(parents, [&Value::Null, &kept[0]["id"], &kept[0]["id"], &kept[1]["id"], &kept[3]["id"]]);
    assert_eq!((&kept[1]["model"], &kept[1]["status"]), (&json!("another-model"), &json!("complete")));
    assert_eq!((&kept[1]["created_at"], &kept[2]["status"]), (&json!("2023-11-14T22:13:20Z"), &json!("stopped")));
    // Nothing is charged for what was said elsewhere, and the model has it before it.
    assert_eq!(visitor.used_today().await, 0);
    visitor.send(Some(&session), &visitor.text("and now?")).await.expect(200);
    assert_eq!(visitor.used_today().await, 1);
    let calls = visitor.model_calls().await;
    let asked = calls.last().unwrap().0.to_string();
    assert!(asked.contains("Three?") && asked.contains("Two\\nlines") && !asked.contains("Anoth\""), "{asked}");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_part_that_comes_twice_is_there_once_and_one_that_is_missing_is_told() {
    let visitor = Visitor::new().await;
    let id = Uuid::now_v7();
    let (first, second) = ([said("user", "One?", None)], [said("assistant", "Two", Some(0))]);
    import(&visitor, id, 1, &second).await.problem(404, "session_not_found");
    let begun = import(&visitor, id, 0, &first).await.expect(200).json();
    let session = text(&begun["session"]["id"]);
    for _ in 0..2 {
        import(&visitor, id, 1, &second).await.expect(200);
        assert_eq!(import(&visitor, id, 0, &first).await.expect(200).json()["session"]["id"], json!(session));
    }
    import(&visitor, id, 3, &second).await.problem(404, "session_not_found");
    assert_eq!(contents(&visitor.messages(&session).await), ["One?", "Two"]);
    // The same name is another chat for somebody else.
    let other = Visitor::of(visitor.server(), "guest").await;
    import(&other, id, 1, &second).await.problem(404, "session_not_found");
    let theirs = import(&other, id, 0, &first).await.expect(200).json();
    assert_ne!(theirs["session"]["id"], json!(session));
    // What was deleted does not come back by itself.
    visitor.call("DELETE", &format!("/chat/sessions/{session}"), None).await.expect(200);
    import(&visitor, id, 0, &first).await.problem(404, "session_not_found");
    other.leaves().await;
    visitor.leaves().await;
}

#[tokio::test]
async fn what_is_no_part_of_a_chat_is_refused_with_its_field() {
    let visitor = Visitor::new().await;
    let good = || vec![said("user", "One?", None)];
    let with = |field: &str, value: Value| {
        let mut message = said("user", "One?", None);
        message[field] = value;
        vec![message]
    };
    let cases = [
        (json!({"messages": good()}), "import_id"),
        (json!({"import_id": "x", "messages": good()}), "import_id"),
        (json!({"import_id": Uuid::new_v4(), "messages": good()}), "import_id"),
        (json!({"import_id": "ffffffff-ffff-7000-8000-000000000000", "messages": good()}), "import_id"),
        (json!({"import_id": Uuid::now_v7(), "messages": []}), "messages"),
        (json!({"import_id": Uuid::now_v7(), "first": 10_000, "messages": good()}), "messages"),
        (json!({"import_id": Uuid::now_v7(), "messages": vec![good().remove(0); 201]}), "messages"),
        (json!({"import_id": Uuid::now_v7(), "title": " ", "messages": good()}), "title"),
        (json!({"import_id": Uuid::now_v7(), "messages": with("parent", json!(0))}), "messages[0].parent"),
        (json!({"import_id": Uuid::now_v7(), "messages": with("parent", json!(-1))}), "messages[0].parent"),
        (json!({"import_id": Uuid::now_v7(), "messages": with("role", json!("system"))}), "messages[0].role"),
        (json!({"import_id": Uuid::now_v7(), "messages": with("content", json!("\u{200b}"))}), "messages[0].content"),
        (
            json!({"import_id": Uuid::now_v7(), "messages": with("content", json!("x".repeat(20_001)))}),
            "messages[0].content",
        ),
        (json!({"import_id": Uuid::now_v7(), "messages": with("model", json!("a\u{0}"))}), "messages[0].model"),
        (json!({"import_id": Uuid::now_v7(), "messages": with("html", json!("x"))}), "html"),
    ];
    for (part, field) in cases {
        let problem = visitor.post(IMPORT, &part).await.problem(400, "invalid_request");
        assert_eq!(problem["field"], field, "{problem}");
    }
    let large = json!({"import_id": Uuid::now_v7(), "messages": vec![said("user", &"x".repeat(19_000), None); 9]});
    visitor.post(IMPORT, &large).await.problem(413, "body_too_large");
    assert_eq!(visitor.get("/chat/sessions").await.expect(200).json()["total"], 0);
    visitor.leaves().await;
}

/// Every guest has 1 MB here. What fills it is kept, and the next part is refused; what is refused is counted, too. A guest's count ends long before their
/// address' does, which others share.
#[tokio::test]
async fn what_comes_in_counts_as_what_is_kept() {
    let server = accounts::server_with(&[("CHAT_USER_STORAGE_MB", "10")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let id = Uuid::now_v7();
    let part = |first: u32| -> Vec<Value> {
        (first..first + 5).map(|number| said("user", &"語".repeat(10_000), number.checked_sub(1))).collect()
    };
    let small = || [said("user", "small", None)];
    // What is there already can be sent as often as one likes.
    let known = Uuid::now_v7();
    for _ in 0..=16 {
        import(&visitor, known, 0, &small()).await.expect(200);
    }
    let mut next = 0;
    let refused = loop {
        let answer = import(&visitor, id, next, &part(next)).await;
        if answer.status != 200 {
            break answer;
        }
        next += 5;
        assert!(next < 100, "no limit");
    };
    let problem = refused.problem(403, "storage_full");
    assert_eq!(problem["scope"], "user");
    assert_eq!(next, 35, "1 MB");
    // The last one that came in is answered again as before.
    import(&visitor, id, next - 5, &part(next - 5)).await.expect(200);
    // Whoever looks sees it before they are refused.
    let storage = visitor.get("/me").await.expect(200).json()["storage"].clone();
    let kept = stores::number("select bytes from users where id = $1::uuid", &[&visitor.id.to_string()]).await;
    assert_eq!(storage, json!({"used": kept, "limit": 1_000_000}));
    assert!(kept >= 1_000_000, "{kept}");
    // Eight parts and the one that was refused.
    for _ in 9..16 {
        import(&visitor, Uuid::now_v7(), 0, &small()).await.problem(403, "storage_full");
    }
    assert_eq!(import(&visitor, Uuid::now_v7(), 0, &small()).await.problem(429, "rate_limited")["limit"], 16);
    let other = Visitor::of(&server, "guest").await;
    import(&other, Uuid::now_v7(), 0, &small()).await.expect(200);
    // A fault of the store is nobody's try.
    let id = other.id.to_string();
    let broken = fault_at("sql", &[&id, &tag("import_part")], json!({"refuse": true}), None).await;
    for _ in 0..16 {
        import(&other, Uuid::now_v7(), 0, &small()).await.problem(503, "storage_unavailable");
    }
    assert!(broken.lift().await >= 16);
    import(&other, Uuid::now_v7(), 0, &small()).await.expect(200);
    other.leaves().await;
    visitor.leaves().await;
}
