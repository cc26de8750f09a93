//! What a link shows: its branch as it stood, whatever becomes of the chat, and as much of it as goes into a page.

use serde_json::json;
use tests::{Visitor, eventually, stores};

use crate::accounts::text;
use crate::shares::{Link, Reader, said, share, turn};

#[tokio::test]
async fn what_it_shows_stays_as_it_was() {
    let visitor = Visitor::new().await;
    let (session, question, answer) = turn(&visitor, None, "as it was").await;
    let link = share(&visitor, &session, &answer).await;
    let reader = Reader::of(visitor.server());
    let before = reader.reads(&link).await;

    let one = format!("/chat/sessions/{session}");
    let other = json!({"content": visitor.text("edited"), "stream": false});
    visitor.call("PUT", &format!("{one}/messages/{question}"), Some(&other)).await.expect(200);
    assert_eq!(reader.reads(&link).await, before, "an edit");
    let again = json!({"stream": false});
    visitor.post(&format!("{one}/messages/{answer}/regenerate"), &again).await.expect(200);
    assert_eq!(reader.reads(&link).await, before, "another answer");
    visitor.call("PATCH", &one, Some(&json!({"title": "another title"}))).await.expect(200);
    assert_eq!(reader.reads(&link).await, before, "a rename");
    turn(&visitor, Some(&session), "more").await;
    assert_eq!(reader.reads(&link).await, before, "what is said later");

    visitor.call("DELETE", &one, None).await.expect(200);
    reader.finds_nothing(&link).await;
    assert_eq!(visitor.get("/chat/shares").await.expect(200).json(), json!({"shares": []}));
    visitor.post(&format!("{one}/restore"), &json!({})).await.expect(200);
    assert_eq!(reader.reads(&link).await, before, "a deletion that is undone");

    visitor.call("DELETE", &link.path(), None).await.expect(200);
    reader.finds_nothing(&link).await;
    // Once more it is revoked already.
    visitor.call("DELETE", &link.path(), None).await.expect(200);
    assert_eq!(visitor.get("/chat/shares").await.expect(200).json(), json!({"shares": []}));
    visitor.leaves().await;
}

#[tokio::test]
async fn an_answer_that_goes_on_does_not_grow_for_its_readers() {
    let visitor = Visitor::new().await;
    let scenario = json!({"chunks": 20, "chunk_text": "wört{i} ", "pace_ms": 0, "close_at": 5});
    let scene = visitor.scene(scenario).await;
    let session = visitor.session().await;
    visitor.stream(Some(&session), &scene.text("go far")).await.expect(200);
    let cut = visitor.settled(&session, "assistant").await;
    assert_eq!(cut["status"], "interrupted");
    let answer = text(&cut["id"]);
    let link = share(&visitor, &session, &answer).await;
    // It is a branch's last message here, and in the middle of another.
    let (_, _, later) = turn(&visitor, Some(&session), "and then").await;
    let longer = share(&visitor, &session, &later).await;
    let reader = Reader::of(visitor.server());
    let (before, around) = (reader.reads(&link).await, reader.reads(&longer).await);
    assert_eq!((&before["messages"][1]["is_cut"], &before["messages"][1]["content"]), (&json!(true), &cut["content"]));
    assert_eq!(around["messages"][1], before["messages"][1]);
    assert!(reader.page(&link.token).await.expect(200).text().contains("had broken off"));

    scene
        .afterwards(json!({"chunks": 3, "chunk_text": "more{i} ", "pace_ms": 0, "finish": "stop", "done": true}))
        .await;
    let on = format!("/chat/sessions/{session}/messages/{answer}/continue");
    let whole = visitor.post(&on, &json!({"stream": false})).await.expect(200).json();
    assert!(text(&whole["message"]["content"]).ends_with("more2 "), "{whole}");
    assert_eq!((reader.reads(&link).await, reader.reads(&longer).await), (before, around));
    // Its owner may show the rest.
    let moved = json!({"revision": 1, "leaf_id": answer});
    visitor.call("PATCH", &link.path(), Some(&moved)).await.expect(200);
    let now = reader.reads(&link).await;
    assert_eq!(now["messages"][1]["content"], whole["message"]["content"]);
    assert_eq!((&now["messages"][1]["is_cut"], &now["revision"]), (&json!(false), &json!(2)));
    visitor.leaves().await;
}

#[tokio::test]
async fn an_answer_on_its_way_is_not_shown() {
    let visitor = Visitor::new().await;
    let paced =
        json!({"chunks": 200, "chunk_text": "w{i} ", "pace_ms": 50, "usage": true, "finish": "stop", "done": true});
    let scene = visitor.scene(paced).await;
    let session = visitor.session().await;
    let mut running = visitor.open_stream(Some(&session), &scene.text("slowly")).await;
    assert!(running.read_chunks(2).await);
    let kept = eventually("the running answer", || async {
        let kept = visitor.messages(&session).await;
        if kept.len() == 2 { Ok(kept) } else { Err(format!("{kept:?}")) }
    })
    .await;
    let shares = format!("/chat/sessions/{session}/shares");
    let wish = json!({"leaf_id": kept[1]["id"]});
    visitor.post(&shares, &wish).await.problem(409, "generation_in_progress");
    // The question stands already.
    let link = visitor.post(&shares, &json!({"leaf_id": kept[0]["id"]})).await.expect(201).json();
    let moved = json!({"revision": 1, "leaf_id": kept[1]["id"]});
    let path = Link::of(&link).path();
    visitor.call("PATCH", &path, Some(&moved)).await.problem(409, "generation_in_progress");
    let stop = format!("/chat/sessions/{session}/messages/{}/stop", text(&kept[1]["id"]));
    visitor.post(&stop, &json!({})).await.expect(200);
    running.read_to_end().await;
    visitor.settled(&session, "assistant").await;
    visitor.post(&shares, &wish).await.expect(201);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_long_branch_is_shown_from_its_end() {
    let visitor = Visitor::new().await;
    let (session, _, answer) = turn(&visitor, None, "the very beginning").await;
    let more = "with recursive made as (
            select $1::uuid as id, $2::uuid as parent, 0 as step
            union all select gen_random_uuid(), id, step + 1 from made where step < 250
        ), rows as (
            insert into chat_messages (id, session_id, parent_id, role, content, status)
            select id, $3::uuid, parent, 'user', 'step ' || step, 'complete' from made where step > 0 order by step returning id, content
        ) select id::text from rows where content = 'step 250'";
    let rows = stores::rows(more, &[&answer, &answer, &session]).await;
    let leaf = rows[0][0].clone().unwrap();
    let link = share(&visitor, &session, &leaf).await;
    let shared = Reader::of(visitor.server()).reads(&link).await;
    let said = said(&shared);
    assert_eq!((said.len(), said[0].as_str(), said[199].as_str()), (200, "step 51", "step 250"));
    assert_eq!(shared["has_earlier"], true);

    // Of long texts fewer: the one that brings them to 256 kB is the first.
    let longer =
        "update chat_messages set content = repeat('é', 15000) where session_id = $1::uuid and content like 'step %'";
    stores::rows(longer, &[&session]).await;
    let link = share(&visitor, &session, &leaf).await;
    let shared = Reader::of(visitor.server()).reads(&link).await;
    assert_eq!((shared["messages"].as_array().unwrap().len(), &shared["has_earlier"]), (9, &json!(true)));
    visitor.leaves().await;
}
