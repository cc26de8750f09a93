//! Sessions: create, list, read in pages, rename, pin, delete, undo.

use futures::future::join_all;
use serde_json::{Value, json};
use tests::{Answer, Visitor, eventually, stores};

fn is_time(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok())
}

#[tokio::test]
async fn a_session_is_created_read_renamed_deleted_and_restored() {
    let visitor = Visitor::new().await;
    let created = visitor.post("/chat/sessions", &json!({"title": "First"})).await.expect(201);
    let session = created.json();
    let id = session["id"].as_str().unwrap().to_owned();
    assert_eq!(created.header("location"), format!("/api/v1/chat/sessions/{id}"));
    assert_eq!(id.parse::<uuid::Uuid>().unwrap().get_version_num(), 7);
    assert!(is_time(&session["created_at"]) && is_time(&session["updated_at"]), "{session}");
    assert_eq!(session["title"], "First");

    let one = format!("/chat/sessions/{id}");
    let read = visitor.get(&one).await.expect(200).json();
    assert_eq!(read, json!({"session": session, "messages": [], "next_before": null}));

    let renamed = visitor.call("PATCH", &one, Some(&json!({"title": "Sécond 😀"}))).await.expect(200).json();
    assert_eq!(renamed["title"], "Sécond 😀");
    assert_eq!(visitor.get(&one).await.json()["session"], renamed);

    let deleted = visitor.call("DELETE", &one, None).await.expect(200).json();
    assert_eq!(deleted["id"], id.as_str());
    assert!(is_time(&deleted["deleted_at"]));
    visitor.get(&one).await.problem(404, "session_not_found");
    visitor.call("PATCH", &one, Some(&json!({"title": "x"}))).await.problem(404, "session_not_found");
    visitor.call("DELETE", &one, None).await.problem(404, "session_not_found");
    visitor.send(Some(&id), &visitor.text("x")).await.problem(404, "session_not_found");
    assert_eq!(visitor.get("/chat/sessions").await.json()["total"], 0);
    assert_eq!(visitor.used_today().await, 0);

    let restored = visitor.call("POST", &format!("{one}/restore"), None).await.expect(200).json();
    assert_eq!((&restored["id"], &restored["title"]), (&session["id"], &json!("Sécond 😀")));
    assert_eq!(visitor.get("/chat/sessions").await.json()["total"], 1);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_session_without_a_title_gets_one_from_the_first_words() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    assert_eq!(visitor.get(&format!("/chat/sessions/{session}")).await.json()["session"]["title"], Value::Null);
    visitor.send(Some(&session), &visitor.text("How do tides work?\nPlease")).await.expect(200);
    let title = visitor.get(&format!("/chat/sessions/{session}")).await.json()["session"]["title"].clone();
    assert!(
        title.as_str().is_some_and(|title| title.starts_with("How do tides work?") && !title.contains('\n')),
        "{title}"
    );

    visitor.call("PATCH", &format!("/chat/sessions/{session}"), Some(&json!({"title": "Mine"}))).await.expect(200);
    visitor.send(Some(&session), &visitor.text("Another question")).await.expect(200);
    assert_eq!(visitor.get(&format!("/chat/sessions/{session}")).await.json()["session"]["title"], "Mine");
    visitor.leaves().await;
}

#[tokio::test]
async fn the_list_is_paged_newest_activity_first() {
    let visitor = Visitor::new().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let created = visitor.post("/chat/sessions", &json!({"title": format!("s{number}")})).await.expect(201);
        ids.push(created.json()["id"].as_str().unwrap().to_owned());
    }
    // Activity lifts the oldest to the top.
    visitor.send(Some(&ids[0]), &visitor.text("up")).await.expect(200);
    let expected: Vec<&str> = [&ids[0], &ids[4], &ids[3], &ids[2], &ids[1]].map(String::as_str).to_vec();
    let mut seen = Vec::new();
    for page in 1..=4 {
        let list = visitor.get(&format!("/chat/sessions?page={page}&per_page=2")).await.expect(200).json();
        assert_eq!((&list["total"], &list["page"], &list["total_pages"]), (&json!(5), &json!(page), &json!(3)));
        let sessions = list["sessions"].as_array().unwrap();
        assert_eq!(sessions.len(), [2, 2, 1, 0][page - 1]);
        seen.extend(sessions.iter().map(|session| session["id"].as_str().unwrap().to_owned()));
    }
    assert_eq!(seen, expected);
    let all = visitor.get("/chat/sessions").await.expect(200).json();
    assert_eq!((all["sessions"].as_array().unwrap().len(), &all["page"]), (5, &json!(1)));
    visitor.leaves().await;
}

async fn pin(visitor: &Visitor, session: &str, pinned: bool) -> Answer {
    visitor.call("PATCH", &format!("/chat/sessions/{session}"), Some(&json!({"pinned": pinned}))).await
}

#[tokio::test]
async fn what_is_pinned_stands_above_the_others_and_the_pages_go_on_behind_it() {
    let visitor = Visitor::new().await;
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(visitor.session().await);
    }
    let all = visitor.get("/chat/sessions").await.expect(200).json();
    for (at, pinned) in [(2, true), (1, true), (3, true), (3, false)] {
        let changed = pin(&visitor, &ids[at], pinned).await.expect(200).json();
        let before = all["sessions"].as_array().unwrap().iter().find(|one| one["id"] == ids[at].as_str()).unwrap();
        assert_eq!((&changed["pinned"], &changed["updated_at"]), (&json!(pinned), &before["updated_at"]));
    }
    let expected: Vec<&str> = [&ids[2], &ids[1], &ids[4], &ids[3], &ids[0]].map(String::as_str).to_vec();
    for per_page in [1, 3, 5] {
        let pages = 1..=5_usize.div_ceil(per_page) + 1;
        let paths: Vec<_> = pages.map(|page| format!("/chat/sessions?page={page}&per_page={per_page}")).collect();
        let pages = join_all(paths.iter().map(|path| visitor.get(path))).await;
        let pages: Vec<Value> = pages.iter().map(Answer::json).collect();
        assert!(pages.iter().all(|page| page["total"] == 5), "{pages:?}");
        let seen: Vec<&Value> = pages.iter().flat_map(|page| page["sessions"].as_array().unwrap()).collect();
        let ids: Vec<&str> = seen.iter().map(|session| session["id"].as_str().unwrap()).collect();
        assert_eq!(ids, expected, "{per_page} a page");
        let pinned: Vec<bool> = seen.iter().map(|session| session["pinned"].as_bool().unwrap()).collect();
        assert_eq!(pinned, [true, true, false, false, false]);
    }
    // Both at once; a message moves a pinned one among the pinned. Nothing said is no change.
    let one = format!("/chat/sessions/{}", ids[1]);
    let both = visitor.call("PATCH", &one, Some(&json!({"title": "both", "pinned": true}))).await.expect(200).json();
    assert_eq!((&both["title"], &both["pinned"]), (&json!("both"), &json!(true)));
    visitor.send(Some(&ids[2]), &visitor.text("up")).await.expect(200);
    let top = visitor.get("/chat/sessions?per_page=2").await.json()["sessions"].clone();
    assert_eq!((&top[0]["id"], &top[1]), (&json!(ids[2]), &both));
    for nothing in [json!({}), json!({"title": null})] {
        assert_eq!(visitor.call("PATCH", &one, Some(&nothing)).await.expect(200).json(), both);
    }
    let lines = visitor.get("/me/export").await.expect(200).text();
    let lines = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let told = lines.filter(|line| line["session"]["pinned"] == true).count();
    assert_eq!(told, 2, "the export says which are pinned");
    visitor.leaves().await;
}

#[tokio::test]
async fn twenty_are_pinned_at_most_and_what_is_pinned_comes_back_so_where_there_is_room() {
    let visitor = Visitor::new().await;
    let id = visitor.id.to_string();
    visitor.session().await;
    let made = "insert into chat_sessions (id, user_id, title) select gen_random_uuid(), $1::uuid, 'one' from generate_series(1, 23)";
    stores::rows(made, &[&id]).await;
    let list = visitor.get("/chat/sessions?per_page=100").await.expect(200).json();
    let ids: Vec<&str> = list["sessions"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap()).collect();
    let pinned = join_all(ids.iter().map(|id| pin(&visitor, id, true))).await;
    let (done, refused): (Vec<_>, Vec<_>) = ids.iter().zip(&pinned).partition(|(_, answer)| answer.status == 200);
    assert_eq!((done.len(), refused.len()), (20, 4));
    for (_, answer) in &refused {
        let error = answer.problem(409, "too_many_pinned");
        assert_eq!((&error["limit"], answer.header("x-should-retry")), (&json!(20), "false"));
    }
    let count = "select count(*) from chat_sessions where user_id = $1::uuid and pinned and deleted_at is null";
    assert_eq!(stores::number(count, &[&id]).await, 20);
    let (one, other) = (done[0].0, refused[0].0);
    // What is pinned may be pinned again, and any may be renamed; one that goes makes room for another.
    pin(&visitor, one, true).await.expect(200);
    let title = json!({"title": "other"});
    visitor.call("PATCH", &format!("/chat/sessions/{other}"), Some(&title)).await.expect(200);
    visitor.call("DELETE", &format!("/chat/sessions/{one}"), None).await.expect(200);
    pin(&visitor, one, true).await.problem(404, "session_not_found");
    pin(&visitor, other, true).await.expect(200);
    let restore = format!("/chat/sessions/{one}/restore");
    assert_eq!(visitor.call("POST", &restore, None).await.expect(200).json()["pinned"], false);
    // With room for it, it comes back as it was.
    pin(&visitor, other, false).await.expect(200);
    pin(&visitor, one, true).await.expect(200);
    visitor.call("DELETE", &format!("/chat/sessions/{one}"), None).await.expect(200);
    assert_eq!(visitor.call("POST", &restore, None).await.expect(200).json()["pinned"], true);
    // A chat of a file is pinned as far as there is room.
    for has_room in [false, true] {
        pin(&visitor, done[1].0, !has_room).await.expect(200);
        let messages = json!([{"role": "user", "content": visitor.text("from a file")}]);
        let part = json!({"import_id": uuid::Uuid::now_v7(), "pinned": true, "messages": messages});
        let part = visitor.post("/chat/import", &part).await.expect(200).json();
        assert_eq!(part["session"]["pinned"], has_room);
    }
    assert_eq!(stores::number(count, &[&id]).await, 20);
    visitor.leaves().await;
}

/// How many sessions the database has of a visitor, deleted ones left out.
async fn kept(visitor: &Visitor) -> i64 {
    let count = "select count(*) from chat_sessions where user_id = $1::uuid and deleted_at is null";
    stores::number(count, &[&visitor.id.to_string()]).await
}

#[tokio::test]
async fn fifty_empty_sessions_at_once_are_twenty() {
    let visitor = Visitor::new().await;
    let body = json!({});
    let created = join_all((0..50).map(|_| visitor.post("/chat/sessions", &body))).await;
    let (made, refused): (Vec<_>, Vec<_>) = created.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((made.len(), refused.len(), kept(&visitor).await), (20, 30, 20));
    for answer in &refused {
        let error = answer.problem(409, "too_many_sessions");
        assert_eq!((&error["limit"], answer.header("x-should-retry")), (&json!(20), "false"));
    }
    let ids: Vec<String> = made.iter().map(|answer| answer.json()["id"].as_str().unwrap().to_owned()).collect();
    // One that is used, and one that is deleted, make room for another.
    visitor.send(Some(&ids[0]), &visitor.text("used")).await.expect(200);
    visitor.post("/chat/sessions", &body).await.expect(201);
    visitor.post("/chat/sessions", &body).await.problem(409, "too_many_sessions");
    let one = format!("/chat/sessions/{}", ids[1]);
    visitor.call("DELETE", &one, None).await.expect(200);
    visitor.post("/chat/sessions", &body).await.expect(201);
    // Undoing the deletion would make one too many; restoring what is not deleted adds none.
    let restored = visitor.call("POST", &format!("{one}/restore"), None).await;
    assert_eq!(restored.problem(409, "too_many_sessions")["limit"], 20);
    visitor.call("POST", &format!("/chat/sessions/{}/restore", ids[2]), None).await.expect(200);
    visitor.call("DELETE", &format!("/chat/sessions/{}", ids[2]), None).await.expect(200);
    visitor.call("POST", &format!("{one}/restore"), None).await.expect(200);
    // A message starts a session all the same: it is not empty.
    visitor.send(None, &visitor.text("new")).await.expect(200);
    visitor.leaves().await;
}

#[tokio::test]
async fn making_and_deleting_by_turns_leaves_no_rows_without_end() {
    let visitor = Visitor::new().await;
    let mut last = String::new();
    for _ in 0..60 {
        last = visitor.session().await;
        visitor.call("DELETE", &format!("/chat/sessions/{last}"), None).await.expect(200);
    }
    let count = "select count(*) from chat_sessions where user_id = $1::uuid";
    let rows = stores::number(count, &[&visitor.id.to_string()]).await;
    assert!(rows <= 21, "{rows} rows");
    visitor.call("POST", &format!("/chat/sessions/{last}/restore"), None).await.expect(200);
    visitor.leaves().await;
}

#[tokio::test]
async fn two_thousand_sessions_are_all_and_the_model_is_not_asked_for_more() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let id = visitor.id.to_string();
    stores::rows(
        "insert into chat_sessions (id, user_id, title) select gen_random_uuid(), $1::uuid, 'full' from generate_series(1, 1998)",
        &[&id],
    )
    .await;
    let deleted = visitor.send(None, &visitor.text("the last")).await.expect(200);
    let deleted = deleted.header("x-session-id").to_owned();
    let before = (visitor.used_today().await, visitor.model_calls().await.len());
    for stream in [true, false] {
        let body = json!({"content": visitor.text("too many"), "stream": stream});
        let error = visitor.post("/chat/messages", &body).await.problem(409, "too_many_sessions");
        assert_eq!(error["limit"], 2000);
    }
    visitor.post("/chat/sessions", &json!({})).await.problem(409, "too_many_sessions");
    eventually("nothing was charged or asked", || async {
        let now = (visitor.used_today().await, visitor.model_calls().await.len());
        if now == before { Ok(()) } else { Err(format!("{before:?} {now:?}")) }
    })
    .await;
    assert_eq!(kept(&visitor).await, 2000);
    // What is there stays usable.
    visitor.send(Some(&session), &visitor.text("goes on")).await.expect(200);
    visitor.call("DELETE", &format!("/chat/sessions/{deleted}"), None).await.expect(200);
    visitor.send(None, &visitor.text("room again")).await.expect(200);
    let restored = visitor.call("POST", &format!("/chat/sessions/{deleted}/restore"), None).await;
    restored.problem(409, "too_many_sessions");
    visitor.leaves().await;
}

#[tokio::test]
async fn an_empty_list_has_no_pages() {
    let visitor = Visitor::new().await;
    let list = visitor.get("/chat/sessions").await.expect(200).json();
    assert_eq!((&list["sessions"], &list["total"], &list["page"]), (&json!([]), &json!(0), &json!(1)));
    visitor.leaves().await;
}

#[tokio::test]
async fn messages_are_read_backwards_in_pages_without_gap_or_repeat() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    for number in 0..5 {
        visitor.send(Some(&session), &visitor.text(&format!("question {number}"))).await.expect(200);
        visitor.settled(&session, "assistant").await;
    }
    let all = visitor.messages(&session).await;
    assert_eq!(all.len(), 10);
    let roles: Vec<&str> = all.iter().map(|message| message["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["user", "assistant"].repeat(5));
    for pair in all.windows(2) {
        assert_eq!(pair[1]["parent_id"], pair[0]["id"], "each message follows the one before");
    }
    let mut pages = Vec::new();
    let mut before = String::new();
    loop {
        let page = visitor.get(&format!("/chat/sessions/{session}?limit=3{before}")).await.expect(200).json();
        let messages = page["messages"].as_array().unwrap().clone();
        assert!((1..=3).contains(&messages.len()));
        if let Some(next) = page["next_before"].as_str() {
            assert_eq!(messages[0]["id"], next, "the next page ends before the oldest of this one");
            before = format!("&before={next}");
        }
        let last = page["next_before"].is_null();
        pages.push(messages);
        if last {
            break;
        }
    }
    pages.reverse();
    assert_eq!(pages.concat(), all);
    assert_eq!(pages.len(), 4);
    visitor.leaves().await;
}

/// As many as are asked for would be 900 kB.
#[tokio::test]
async fn a_page_of_long_messages_has_fewer() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let fill = "insert into chat_messages (id, session_id, role, content, status)
        select (substr($1, 1, 24) || lpad(n::text, 12, '0'))::uuid, $1::uuid, 'user', repeat('é', 15000), 'complete' from generate_series(1, 30) n";
    stores::rows(fill, &[&session]).await;
    let (mut pages, mut ids, mut before) = (Vec::new(), Vec::new(), String::new());
    loop {
        let page = visitor.get(&format!("/chat/sessions/{session}?limit=100{before}")).await.expect(200).json();
        let messages = page["messages"].as_array().unwrap();
        pages.push(messages.len());
        ids.extend(messages.iter().rev().map(|message| message["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next_before"].as_str() else { break };
        before = format!("&before={next}");
    }
    assert_eq!(pages, [9, 9, 9, 3], "each ends with the message that brings it beyond 256 kB");
    let expected: Vec<String> = (1..=30).rev().map(|number| format!("{}{number:012}", &session[..24])).collect();
    assert_eq!(ids, expected);
    visitor.leaves().await;
}
