//! Continue: an answer that ended early goes on in its own row, once, and loses nothing.

use serde_json::json;
use tests::{PATIENT, Server, Visitor, control, eventually, stores};

use crate::branches::{Turn, assistant, at_rest, go_on, ids, rows, told, turn, user};
use crate::{message_path, paced, paced_text};

/// A turn whose answer broke off after some chunks; its ids.
async fn broken_off(visitor: &Visitor, session: &str, chunks: usize) -> Turn {
    let scenario = json!({"chunks": 20, "chunk_text": "wört{i} ", "pace_ms": 0, "close_at": chunks});
    let scene = visitor.scene(scenario).await;
    let question = scene.text("go far");
    let sent = visitor.stream(Some(session), &question).await.expect(200);
    at_rest(visitor, session).await;
    Turn { tag: scene.tag().to_owned(), question, ids: ids(&sent) }
}

#[tokio::test]
async fn an_answer_that_broke_off_goes_on_in_its_own_row() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let first = broken_off(&visitor, &session, 5).await;
    for (stream, ending) in [(true, json!({"close_at": 3})), (false, json!({}))] {
        let before = rows(&visitor, &session).await[1].clone();
        assert_eq!(before.3, "interrupted");
        let mut scenario = paced(6, 0);
        scenario.as_object_mut().unwrap().extend(ending.as_object().unwrap().clone());
        scenario["chunk_text"] = json!("more{i} ");
        control::scenario_anywhere(&first.tag, &scenario).await;
        let sent = go_on(&visitor, &session, &first.ids.1, Some(json!({"stream": stream}))).await.expect(200);
        at_rest(&visitor, &session).await;
        assert_eq!(sent.header("x-message-id"), first.ids.1, "the same answer");
        let conversation = told(&visitor).await;
        assert_eq!(conversation[..2], [user(&first.question), assistant(&before.4)]);
        assert_eq!(conversation.len(), 3, "and then it is asked to go on: {conversation:?}");
        let after = rows(&visitor, &session).await;
        assert_eq!(after.len(), 2, "no other row: {after:?}");
        let new: String = (0..if stream { 3 } else { 6 }).map(|i| format!("more{i} ")).collect();
        assert_eq!(after[1].4, format!("{}{new}", before.4));
        if stream {
            assert_eq!(sent.said(), new, "the stream holds only what is new");
            assert_eq!(after[1].3, "interrupted");
        } else {
            assert_eq!(sent.json()["message"]["content"], after[1].4);
            assert_eq!(after[1].3, "complete");
        }
    }
    assert_eq!(visitor.used_today().await, 3);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_continuation_can_be_read_along_and_brings_only_what_is_missing() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let first = broken_off(&visitor, &session, 5).await;
    let before = rows(&visitor, &session).await[1].4.clone();
    let mut scenario = paced(20, 50);
    scenario["chunk_text"] = json!("more{i} ");
    control::scenario_anywhere(&first.tag, &scenario).await;
    let path = format!("{}/continue", message_path(&session, &first.ids.1));
    let mut reader = visitor.open("POST", &path, Some(&json!({}))).await;
    assert!(reader.read_chunks(2).await);
    // A page that shows the old text and half of the first new word.
    let shown = before.chars().count() + 3;
    let stream = format!("{}/stream?from={shown}", message_path(&session, &first.ids.1));
    let mut follower = visitor.open("GET", &stream, None).await;
    futures::future::join(reader.read_to_end(), follower.read_to_end()).await;
    assert_eq!(follower.said(), reader.said().chars().skip(3).collect::<String>());
    at_rest(&visitor, &session).await;
    assert_eq!(rows(&visitor, &session).await[1].4, format!("{before}{}", reader.said()));
    visitor.leaves().await;
}

#[tokio::test]
async fn a_continuation_that_brings_nothing_leaves_the_answer_as_it_was() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let first = broken_off(&visitor, &session, 5).await;
    let before = rows(&visitor, &session).await;
    let refusal = json!({"error": {"status": 400, "code": "invalid_type"}});
    control::scenario_anywhere(&first.tag, &refusal).await;
    for stream in [true, false] {
        let sent = go_on(&visitor, &session, &first.ids.1, Some(json!({"stream": stream}))).await;
        sent.problem(502, "provider_error");
        at_rest(&visitor, &session).await;
        assert_eq!(rows(&visitor, &session).await, before);
    }
    eventually("it costs nothing of the day", || async {
        let used = visitor.used_today().await;
        if used == 1 { Ok(()) } else { Err(used.to_string()) }
    })
    .await;
    visitor.leaves().await;
}

#[tokio::test]
async fn of_many_continuations_of_one_answer_one_asks_the_model() {
    let variables = [("CHAT_MAX_CONCURRENT_STREAMS", "1000"), PATIENT];
    let server = Server::started_with(&variables).await;
    let visitor = Visitor::of(&server, "guest").await;
    let session = visitor.session().await;
    let first = broken_off(&visitor, &session, 5).await;
    let mut scenario = paced(6, 100);
    scenario["first_byte_delay_ms"] = json!(4_000);
    control::scenario_anywhere(&first.tag, &scenario).await;
    let (calls, used) = (visitor.model_calls().await.len(), visitor.used_today().await);
    let decided = || async {
        loop {
            // On a busy machine Redis can take longer than its timeout.
            let answer = go_on(&visitor, &session, &first.ids.1, None).await;
            if answer.status != 503 {
                return answer;
            }
        }
    };
    let answers = futures::future::join_all((0..19).map(|_| decided())).await;
    let (given, told): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((given.len(), told.len()), (1, 18));
    told.iter().for_each(|answer| drop(answer.problem(409, "generation_in_progress")));
    at_rest(&visitor, &session).await;
    assert_eq!(visitor.model_calls().await.len(), calls + 1, "exactly one upstream call");
    let quota = visitor.quota().await;
    assert_eq!((&quota["day"]["used"], &quota["minute"]["used"]), (&json!(used + 1), &json!(used + 1)));
    // It ends with the one that held it: whatever is left to be continued can be.
    let whole = go_on(&visitor, &session, &first.ids.1, None).await;
    whole.problem(400, "invalid_request");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_continuation_of_what_was_read_too_early_takes_nothing_away() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let first = broken_off(&visitor, &session, 5).await;
    let before = visitor.quota().await;
    control::scenario_anywhere(&first.tag, &paced(6, 0)).await;
    // Its write comes late: in the meantime another one has gone on with the answer, and been stopped.
    let id = visitor.id.to_string();
    let late = json!({"latency_ms": 5_000});
    let fault = control::fault_at("sql", &[&id, &control::tag("begin_continuation")], late, Some(1)).await;
    let going_on = go_on(&visitor, &session, &first.ids.1, None);
    let meanwhile = async {
        eventually("the model is asked", || async {
            match visitor.model_calls().await.len() {
                2 => Ok(()),
                other => Err(other.to_string()),
            }
        })
        .await;
        let more = "update chat_messages set content = content || 'and more', status = 'stopped' where id = $1::uuid returning content";
        stores::rows(more, &[&first.ids.1]).await[0][0].clone().unwrap()
    };
    let (told, more) = futures::future::join(going_on, meanwhile).await;
    told.problem(409, "generation_in_progress");
    assert_eq!(fault.lift().await, 1);
    at_rest(&visitor, &session).await;
    assert_eq!(rows(&visitor, &session).await[1].4, more);
    let quota = visitor.quota().await;
    assert_eq!(quota["day"]["used"], before["day"]["used"], "the day is given back");
    let minute = before["minute"]["used"].as_i64().unwrap() + 1;
    assert_eq!(quota["minute"]["used"], minute, "the model was asked");
    go_on(&visitor, &session, &first.ids.1, Some(json!({"stream": false}))).await.expect(200);
    visitor.leaves().await;
}

#[tokio::test]
async fn only_an_answer_that_ended_early_can_be_continued() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let whole = turn(&visitor, &session, "whole", "all of it").await;
    go_on(&visitor, &session, &whole.ids.1, None).await.problem(400, "invalid_request");
    go_on(&visitor, &session, &whole.ids.0, None).await.problem(400, "invalid_request");
    let scene = visitor.scene(paced(120, 50)).await;
    let mut reader = visitor.open_stream(Some(&session), &scene.text("running")).await;
    assert!(reader.read_chunks(2).await);
    let answer = reader.header("x-message-id").to_owned();
    go_on(&visitor, &session, &answer, None).await.problem(409, "generation_in_progress");
    reader.read_to_end().await;
    assert_eq!(reader.said(), paced_text(120));
    at_rest(&visitor, &session).await;
    visitor.leaves().await;
}
