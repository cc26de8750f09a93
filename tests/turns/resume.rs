//! Resume: a reader who comes back, or comes from elsewhere, reads on without a gap and without anything twice.

use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::future::join;
use serde_json::json;
use tests::{Server, Visitor, control, eventually, said, stores};

use crate::replay::{From, asking, assert_same_events, events, follow, replayed, without_late_save};
use crate::{Begun, begin, message_path, paced, paced_text};

/// Chunks of the answer that is resumed at each of them.
const CHUNKS: usize = 60;

/// The last event of a whole answer.
const DONE: &str = "data: [DONE]\n\n";

/// Reads `count` events, is cut off, comes back, and gives all it has read.
async fn cut_off_after(visitor: &Visitor, begun: &Where, count: usize) -> String {
    let server = visitor.server();
    let mut first = follow(visitor, server, &begun.session, &begun.answer, From::Beginning).await;
    assert_eq!(first.status, 200);
    assert!(first.read_until(|body| events(body) >= count).await, "event {count} comes");
    let before = replayed(&first.body);
    drop(first);
    let from = before.last.as_deref().map_or(From::Beginning, From::Event);
    let mut second = follow(visitor, server, &begun.session, &begun.answer, from).await;
    assert_eq!(second.status, 200);
    second.read_to_end().await;
    assert!(second.ended(), "the replay has a proper end");
    // A reader who had the end already is sent it again.
    let before = before.bytes.strip_suffix(DONE).unwrap_or(&before.bytes);
    before.to_owned() + &replayed(&second.body).bytes
}

/// Where an answer is.
struct Where {
    session: String,
    answer: String,
}

#[tokio::test]
async fn a_reader_cut_off_at_any_chunk_reads_on_without_gap_or_repetition() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(CHUNKS, 60)).await;
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("resume"), 1).await;
    let place = Where { session, answer };
    // Some come back while the answer runs, some after its end: the first stream is read beside them.
    let followers = (0..=CHUNKS).map(|count| cut_off_after(&visitor, &place, count));
    let followers = futures::stream::iter(followers).buffered(3).collect::<Vec<_>>();
    let ((), joined) = join(reader.read_to_end(), followers).await;
    let original = String::from_utf8(reader.body.clone()).unwrap();
    let original = without_late_save(&original);
    assert!(original.ends_with(DONE), "{original}");
    assert!(!original.contains("id: "), "the first stream is upstream's own bytes");
    for (count, bytes) in joined.iter().enumerate() {
        assert_same_events(bytes, original, &format!("cut off after {count} events"));
    }
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (1, 1), "reading costs nothing");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_reader_cut_off_after_every_event_of_a_running_answer_gets_it_whole() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(CHUNKS, 60)).await;
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("unlucky"), 1).await;
    let unlucky = async {
        let (mut bytes, mut last) = (String::new(), None::<String>);
        while !bytes.ends_with(DONE) {
            let from = last.as_deref().map_or(From::Beginning, From::Event);
            let mut follower = follow(&visitor, visitor.server(), &session, &answer, from).await;
            assert!(follower.read_until(|body| events(body) >= 1).await, "another event comes after {last:?}");
            // Only the first counts, whatever came with it.
            let end = follower.body.windows(2).position(|pair| pair == b"\n\n").unwrap() + 2;
            let one = replayed(&follower.body[..end]);
            bytes += &one.bytes;
            last = one.last;
        }
        bytes
    };
    let ((), bytes) = join(reader.read_to_end(), unlucky).await;
    assert_same_events(&bytes, without_late_save(&reader.text()), "cut off after every event");
    visitor.leaves().await;
}

/// A follower of an answer without others waits no longer than for its next append: 2.5 s, of the 8.5 s that the answer still takes.
#[tokio::test]
async fn a_follower_who_comes_late_has_words_with_the_next_append() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(1_000, 10)).await;
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("late"), 150).await;
    let asked = Instant::now();
    let mut follower = follow(&visitor, visitor.server(), &session, &answer, From::Beginning).await;
    assert!(follower.read_chunks(150).await);
    assert!(asked.elapsed() < Duration::from_secs(5), "after {:?}", asked.elapsed());
    join(reader.read_to_end(), follower.read_to_end()).await;
    assert_same_events(&replayed(&follower.body).bytes, without_late_save(&reader.text()), "come late");
    visitor.leaves().await;
}

/// The buffer says that the answer has ended and the row does not know it: the follower puts it right, or comes too late to, and is told the end once.
#[tokio::test]
async fn a_follower_is_told_the_end_once_though_the_row_is_stored_late() {
    for is_text_stored in [false, true] {
        let visitor = Visitor::new().await;
        // Long enough for an append that knows of the follower: then they look every half second, before the row is stored.
        let scene = visitor.scene(paced(80, 50)).await;
        // Who asks first is first: the recorder, and the follower after it. The stream waits 1.5 s for its save.
        let (tag, id) = (control::tag("finish_answer"), visitor.id.to_string());
        let late = control::fault_at("sql", &[&tag, &id], json!({"latency_ms": 600}), None).await;
        let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("late row"), 1).await;
        if is_text_stored {
            let store =
                "update chat_messages set content = $2 where id = $1::uuid and status = 'streaming' returning id";
            assert_eq!(stores::rows(store, &[&answer, &paced_text(80)]).await.len(), 1);
        }
        let mut follower = follow(&visitor, visitor.server(), &session, &answer, From::Beginning).await;
        join(reader.read_to_end(), follower.read_to_end()).await;
        let (ours, theirs) = (replayed(&follower.body).bytes, reader.text());
        assert_same_events(&ours, without_late_save(&theirs), &format!("text stored: {is_text_stored}"));
        late.lift().await;
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn two_readers_at_once_see_the_same_also_at_another_instance() {
    let other = Server::started_with(&[]).await;
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(40, 50)).await;
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("together"), 3).await;
    let reads = [visitor.server(), visitor.server(), &other].map(|server| async {
        let mut follower = follow(&visitor, server, &session, &answer, From::Beginning).await;
        follower.read_to_end().await;
        replayed(&follower.body).bytes
    });
    let ((), seen) = join(reader.read_to_end(), futures::future::join_all(reads)).await;
    for bytes in seen {
        assert_same_events(&bytes, without_late_save(&reader.text()), "together");
    }
    visitor.leaves().await;
}

/// Asks for the rest after each of some numbers of characters.
async fn check_characters(visitor: &Visitor, session: &str, answer: &str, text: &str) {
    let characters = text.chars().count();
    for from in (0..characters).step_by(7).chain([characters]) {
        let mut follower = follow(visitor, visitor.server(), session, answer, From::Characters(from)).await;
        assert_eq!(follower.status, 200);
        follower.read_to_end().await;
        assert!(follower.body.ends_with(b"data: [DONE]\n\n"));
        let rest: String = text.chars().skip(from).collect();
        assert_eq!(follower.said(), rest, "from character {from}");
    }
}

#[tokio::test]
async fn a_page_that_shows_some_characters_gets_the_others() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(12, 40)).await;
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("characters"), 2).await;
    let text = paced_text(12);
    // While it runs, within a chunk.
    let mut running = follow(&visitor, visitor.server(), &session, &answer, From::Characters(9)).await;
    join(reader.read_to_end(), running.read_to_end()).await;
    assert_eq!(running.said(), text.chars().skip(9).collect::<String>());
    check_characters(&visitor, &session, &answer, &text).await;
    // Long after the end only Postgres knows it.
    forget_buffer(&visitor, &answer).await;
    check_characters(&visitor, &session, &answer, &text).await;
    visitor.leaves().await;
}

/// The page may have seen more than the buffer holds. The row ends before the buffer does: what comes from the row begins where the page is, not where
/// the buffer ends.
#[tokio::test]
async fn a_page_ahead_of_a_buffer_that_stands_still_is_given_each_character_once() {
    const WORDS: usize = 140;
    let visitor = Visitor::new().await;
    let id = visitor.id.to_string();
    let scene = visitor.scene(paced(WORDS, 50)).await;
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("ahead"), 1).await;
    // After two and a half seconds the buffer has the words until then; no more of them come to it before the end.
    let buffer = stores::replay_buffer(&id, &answer).await;
    stores::appears("the first append", &buffer).await;
    let appends = json!({"status": 500, "body": "{}"});
    let appends = control::fault_at("redis", &[r#""MGET","chat:stop:"#, &id], appends, None).await;
    let held = stores::redis(&["GET", &buffer]).await;
    let held = said(held.as_str().expect("a buffer").as_bytes());
    // Nor does the end, which the buffer is told of with the settlement: that is given up after five seconds, twice.
    let settling = control::fault_at("redis", &[&control::tag("settle"), &id], json!({"hang": true}), Some(2)).await;
    assert!(reader.read_chunks(held.split_whitespace().count() + 20).await, "{}", reader.said());
    // Within a word.
    let seen = reader.said().chars().count() - 3;
    assert!(seen > held.chars().count(), "{seen} seen, held: {held}");
    let mut follower = follow(&visitor, visitor.server(), &session, &answer, From::Characters(seen)).await;
    join(reader.read_to_end(), follower.read_to_end()).await;
    assert_eq!(reader.said(), paced_text(WORDS));
    let rest: String = paced_text(WORDS).chars().skip(seen).collect();
    assert_eq!(follower.said(), rest, "from character {seen}, of which the buffer had {}", held.chars().count());
    assert!(follower.ended() && follower.body.ends_with(DONE.as_bytes()), "{}", follower.text());
    appends.lift().await;
    assert!(settling.lift().await >= 1, "the settlement was held back");
    visitor.leaves().await;
}

/// Takes an answer's replay buffer from Redis, as its end of life does.
async fn forget_buffer(visitor: &Visitor, answer: &str) {
    visitor.settled_in_redis().await;
    let buffer = stores::replay_buffer(&visitor.id.to_string(), answer).await;
    assert_eq!(stores::redis(&["DEL", &buffer]).await, json!(1), "there was a buffer");
}

#[tokio::test]
async fn after_its_end_an_answer_is_replayed_from_redis_and_later_from_postgres() {
    let visitor = Visitor::new().await;
    for (scenario, whole) in [(paced(9, 0), true), (json!({"chunks": 9, "chunk_text": "w{i} ", "close_at": 4}), false)]
    {
        let scene = visitor.scene(scenario).await;
        let first = visitor.stream(None, &scene.text("later")).await.expect(200);
        let (session, answer) = (first.header("x-session-id").to_owned(), first.header("x-message-id").to_owned());
        visitor.settled(&session, "assistant").await;
        // Its last bytes come to the buffer with the settlement.
        visitor.settled_in_redis().await;
        for is_buffer_gone in [false, true] {
            if is_buffer_gone {
                forget_buffer(&visitor, &answer).await;
            }
            let mut follower = follow(&visitor, visitor.server(), &session, &answer, From::Beginning).await;
            follower.read_to_end().await;
            assert!(follower.ended());
            let text = String::from_utf8(follower.body.clone()).unwrap();
            assert_eq!(said(text.as_bytes()), first.said());
            assert_eq!(text.contains("event: error"), !whole, "{text}");
            assert_eq!(text.contains("data: [DONE]"), whole, "{text}");
            if is_buffer_gone {
                assert!(text.matches("data: {").count() <= 3, "one chunk, how it finished: {text}");
            } else if whole {
                assert_eq!(replayed(text.as_bytes()).bytes, without_late_save(&first.text()));
            }
            if !whole {
                assert!(text.contains("provider_error"), "{text}");
            }
        }
    }
    visitor.leaves().await;
}

/// Upstream's ids mean nothing to us, and whatever a client names as its place, it gets an end.
#[tokio::test]
async fn ids_of_others_and_places_beyond_the_end_are_no_places() {
    let visitor = Visitor::new().await;
    let chunk = |text: &str| format!("data: {{\"choices\":[{{\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n");
    let raw = format!("id: up-1\n{}id: up-2\n{}id: up-3\ndata: [DONE]\n\n", chunk("one "), chunk("two"));
    let scene = visitor.scene(json!({"raw": raw})).await;
    let first = visitor.stream(None, &scene.text("named")).await.expect(200);
    assert_eq!(first.text(), raw, "the first stream is upstream's own bytes");
    let (session, answer) = (first.header("x-session-id").to_owned(), first.header("x-message-id").to_owned());
    visitor.settled(&session, "assistant").await;
    let beyond = "0-18446744073709551615-0";
    for is_buffer_gone in [false, true] {
        if is_buffer_gone {
            forget_buffer(&visitor, &answer).await;
        }
        for (from, text) in [
            (From::Beginning, "one two"),
            (From::Event("up-2"), "one two"),
            (From::Event(beyond), "one two"),
            (From::Characters(7), ""),
            (From::Characters(8), ""),
            (From::Characters(99_999_999), ""),
        ] {
            let mut follower = follow(&visitor, visitor.server(), &session, &answer, from).await;
            assert_eq!(follower.status, 200);
            follower.read_to_end().await;
            let body = String::from_utf8(follower.body.clone()).unwrap();
            assert_eq!(follower.said(), text, "{body}");
            assert!(body.ends_with(DONE) && !body.contains("up-"), "{body}");
        }
    }
    let calls = control::calls("redis", beyond, visitor.since()).await;
    assert!(calls.is_empty(), "Redis is not asked with what a client has made up");
    visitor.leaves().await;
}

#[tokio::test]
async fn without_a_replay_buffer_an_answer_can_be_read_after_its_end() {
    let server = Server::started_with(&[("CHAT_RESUME_INTERVAL_MS", "0")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(paced(20, 50)).await;
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("no buffer"), 10).await;
    assert_eq!(
        stores::redis(&["EXISTS", &stores::replay_buffer(&visitor.id.to_string(), &answer).await]).await,
        json!(0),
        "nothing is appended"
    );
    reader.read_to_end().await;
    assert_eq!(reader.said(), paced_text(20));
    visitor.settled(&session, "assistant").await;
    let mut follower = follow(&visitor, &server, &session, &answer, From::Beginning).await;
    assert_eq!(follower.status, 200);
    follower.read_to_end().await;
    assert_eq!(follower.said(), paced_text(20));
    visitor.leaves().await;
}

#[tokio::test]
async fn a_reader_who_follows_and_leaves_does_not_end_the_answer() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(30, 50)).await;
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("a guest"), 2).await;
    let mut follower = follow(&visitor, visitor.server(), &session, &answer, From::Beginning).await;
    assert!(follower.read_until(|body| events(body) >= 3).await);
    drop(follower);
    reader.read_to_end().await;
    assert_eq!(reader.said(), paced_text(30));
    assert_eq!(visitor.settled(&session, "assistant").await["status"], "complete");
    visitor.leaves().await;
}

#[tokio::test]
async fn an_answer_that_may_finish_does_so_without_its_reader() {
    let server = Server::started_with(&[("CHAT_ON_DISCONNECT", "finish")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(paced(40, 50)).await;
    let Begun { reader, session, answer, .. } = begin(&visitor, &scene.text("finish"), 5).await;
    let call = visitor.model_calls().await[0].seq();
    drop(reader);
    // Elsewhere it is followed to its end.
    let mut follower = follow(&visitor, &Server::under_test(), &session, &answer, From::Characters(0)).await;
    follower.read_to_end().await;
    assert_eq!(follower.said(), paced_text(40));
    assert_eq!(control::ended(call, Duration::from_secs(5)).await.outcome(), "ok", "upstream was read to its end");
    let stored = visitor.settled(&session, "assistant").await;
    assert_eq!((&stored["status"], &stored["content"]), (&json!("complete"), &json!(paced_text(40))));
    assert_eq!(visitor.used_today().await, 1);
    visitor.leaves().await;
}

/// Once the stream's reader has left, a reader who picks the answer up is no further behind than a follower.
#[tokio::test]
async fn an_answer_whose_reader_has_left_is_appended_as_often_as_one_that_is_followed() {
    let variables = [("CHAT_ON_DISCONNECT", "finish"), ("CHAT_RESUME_INTERVAL_MS", "300")];
    let visitor = Visitor::of(&Server::started_with(&variables).await, "guest").await;
    let scene = visitor.scene(paced(80, 50)).await;
    let Begun { reader, session, answer, .. } = begin(&visitor, &scene.text("left"), 2).await;
    drop(reader);
    visitor.settled(&session, "assistant").await;
    let buffer = stores::replay_buffer(&visitor.id.to_string(), &answer).await;
    // Four seconds: two appends at the pace of an answer without followers.
    let calls = control::calls("redis", &buffer, visitor.since()).await;
    let appends = calls.iter().filter(|call| call.request().to_string().contains("SETRANGE")).count();
    assert!(appends >= 5, "{appends} appends");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_stream_is_its_owners_and_only_an_answer_has_one() {
    let (visitor, stranger) = (Visitor::new().await, Visitor::new().await);
    let sent = visitor.stream(None, &visitor.text("mine")).await.expect(200);
    let (session, answer) = (sent.header("x-session-id").to_owned(), sent.header("x-message-id").to_owned());
    let question = sent.header("x-user-message-id").to_owned();
    visitor.settled(&session, "assistant").await;
    let none = uuid::Uuid::now_v7().to_string();
    let server = visitor.server();
    let foreign = server.send(asking(&stranger, &session, &answer, From::Beginning)).await;
    let missing = server.send(asking(&stranger, &none, &none, From::Beginning)).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(foreign.any_problem()["code"], missing.any_problem()["code"], "another's looks like none");
    assert_eq!(visitor.get(&format!("{}/stream", message_path(&session, &none))).await.status, 404);
    let of_question = visitor.get(&format!("{}/stream", message_path(&session, &question))).await;
    assert!([400, 404].contains(&of_question.status), "{}", of_question.shown());
    visitor.leaves().await;
    stranger.leaves().await;
}

/// The row can be whole a moment before the buffer is.
#[tokio::test]
async fn what_came_from_the_row_does_not_come_from_the_buffer_again() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(10, 10)).await;
    let id = visitor.id.to_string();
    let late = control::fault_at("redis", &[&control::tag("settle"), &id], json!({"latency_ms": 3_000}), None).await;
    let sent = visitor.stream(None, &scene.text("row first")).await.expect(200);
    let (session, answer) = (sent.header("x-session-id").to_owned(), sent.header("x-message-id").to_owned());
    visitor.settled(&session, "assistant").await;
    let mut early = follow(&visitor, visitor.server(), &session, &answer, From::Beginning).await;
    early.read_to_end().await;
    assert_eq!(early.said(), paced_text(10), "of the row");
    // The bytes of a reader who is cut off after the chunk with the text.
    let text = String::from_utf8(early.body.clone()).unwrap();
    let place = text.strip_prefix("id: ").and_then(|text| text.split_once('\n')).expect("a place").0.to_owned();
    late.lift().await;
    let buffer = stores::replay_buffer(&id, &answer).await;
    stores::appears("the buffer", &buffer).await;
    let mut again = follow(&visitor, visitor.server(), &session, &answer, From::Event(&place)).await;
    again.read_to_end().await;
    assert_eq!(again.said(), "", "{}", String::from_utf8_lossy(&again.body));
    assert!(again.body.ends_with(DONE.as_bytes()));
    visitor.leaves().await;
}

#[tokio::test]
async fn an_answer_that_is_not_saved_yet_is_put_right_by_who_reads_it() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(10, 10)).await;
    // The end's statement fails for as long as the test wishes; the answer's model name is only in that one.
    let fault = control::fault_at(
        "sql",
        &[&control::tag("finish_answer"), &visitor.id.to_string()],
        json!({"refuse": true}),
        None,
    )
    .await;
    let sent = visitor.stream(None, &scene.text("not saved")).await.expect(200);
    assert_eq!(sent.said(), paced_text(10));
    let text = sent.text();
    let (answer_part, last) = text.split_once("data: [DONE]\n\n").expect("upstream's end");
    assert!(!answer_part.contains("event: error") && last.contains("event: error"), "after upstream's own end: {last}");
    assert!(last.contains("not_saved"), "{last}");
    assert!(fault.lift().await >= 1);
    let (session, answer) = (sent.header("x-session-id"), sent.header("x-message-id"));
    let mut follower = follow(&visitor, visitor.server(), session, answer, From::Beginning).await;
    follower.read_to_end().await;
    assert_eq!(follower.said(), paced_text(10));
    eventually("the row is whole", || async {
        let stored = visitor.settled(session, "assistant").await;
        let is_whole = stored["status"] == "complete" && stored["content"] == json!(paced_text(10));
        if is_whole { Ok(()) } else { Err(stored.to_string()) }
    })
    .await;
    assert_eq!(visitor.used_today().await, 1);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_plain_answer_that_is_not_saved_yet_is_given_all_the_same() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(10, 10)).await;
    let (tag, id) = (control::tag("finish_answer"), visitor.id.to_string());
    let fault = control::fault_at("sql", &[&tag, &id], json!({"refuse": true}), None).await;
    let asked = std::time::Instant::now();
    let sent = visitor.send(None, &scene.text("not saved")).await.expect(200).json();
    assert!(asked.elapsed() < Duration::from_secs(5), "after {:?}", asked.elapsed());
    assert_eq!((&sent["message"]["status"], &sent["message"]["content"]), (&json!("complete"), &json!(paced_text(10))));
    assert!(fault.lift().await >= 1);
    let session = sent["session_id"].as_str().unwrap();
    let stored = visitor.settled(session, "assistant").await;
    assert_eq!((&stored["status"], &stored["content"]), (&json!("complete"), &json!(paced_text(10))));
    assert_eq!(visitor.used_today().await, 1);
    visitor.leaves().await;
}
