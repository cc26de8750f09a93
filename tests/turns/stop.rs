//! Stop: it ends a running answer, from wherever it is asked, and keeps what the reader saw.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::{Answer, Server, Visitor, control, eventually, stores};

use crate::replay::{From, follow};
use crate::{Begun, begin, message_path, paced, paced_text};

/// Upstream would go on for long: that its connection closes can only be our doing.
const CHUNKS: usize = 2_000;

async fn stop(visitor: &Visitor, server: &Server, session: &str, answer: &str, body: Option<Value>) -> Answer {
    let path = format!("{}/stop", message_path(session, answer));
    server.send(visitor.asks("POST", &path, body.as_ref())).await
}

/// Reads some of an answer, stops it at `server`, and gives what was read by then and what is kept.
async fn stopped_at(visitor: &Visitor, server: &Server, seen: impl Fn(&str) -> Option<Value>) -> (String, Value) {
    let scene = visitor.scene(paced(CHUNKS, 10)).await;
    let Begun { mut reader, session, answer, .. } = begin(visitor, &scene.text("stop"), 20).await;
    let read = reader.said();
    let asked = Instant::now();
    let stopped = stop(visitor, server, &session, &answer, seen(&read)).await.expect(200).json();
    // It looks for 4.8 s at most, and each look is a trip.
    assert!(asked.elapsed() < Duration::from_secs(8), "stopped after {:?}", asked.elapsed());
    assert_eq!((&stopped["id"], &stopped["status"]), (&json!(answer), &json!("stopped")), "{stopped}");
    // The stream ends too, and upstream is closed.
    reader.read_to_end().await;
    assert!(reader.ended(), "the reader's stream has a proper end");
    let call = visitor.model_calls().await.pop().unwrap().seq();
    assert_eq!(control::ended(call, Duration::from_secs(5)).await.outcome(), "client_closed");
    let kept = visitor.settled(&session, "assistant").await;
    assert_eq!(kept, stopped, "what the answer to Stop says is what is kept");
    assert!(paced_text(CHUNKS).starts_with(kept["content"].as_str().unwrap()), "never what upstream has not said");
    assert!(reader.said().starts_with(&read));
    (read, kept)
}

#[tokio::test]
async fn a_stop_from_another_instance_keeps_what_has_arrived() {
    let other = Server::started_with(&[]).await;
    let visitor = Visitor::new().await;
    for server in [visitor.server(), &other] {
        let (read, kept) = stopped_at(&visitor, server, |_| None).await;
        assert!(kept["content"].as_str().unwrap().starts_with(&read), "read {read:?}, kept {kept}");
    }
    assert_eq!(visitor.used_today().await, 2, "who saw text has used a message");
    visitor.leaves().await;
}

/// How an answer's recorder has heard of a stop, by the log of the calls.
struct Heard {
    /// From when the wish was written to the append that brought it back.
    after: Duration,
    /// The pause before that append: since the one before, or since the model was asked.
    pause: Duration,
    /// The trip of the one before, if there was one: a pause is no shorter than four of them.
    trip: Duration,
}

impl Heard {
    /// The pause that is promised, or what a slow Redis makes of it.
    fn longest_pause(&self, promised: Duration) -> Duration {
        promised.max(4 * self.trip)
    }
}

fn moment(call: &control::LoggedCall, name: &str) -> u64 {
    call.0[name].as_u64().expect("microseconds")
}

/// What the log says of a stopped answer's run.
async fn heard(visitor: &Visitor, answer: &str, model: &control::LoggedCall) -> Heard {
    let calls = control::calls("redis", &stores::run_of(answer).await, visitor.since()).await;
    let is_wish =
        |call: &&control::LoggedCall| call.request()[1].as_str().is_some_and(|key| key.starts_with("chat:stop:"));
    let is_append =
        |call: &&control::LoggedCall| call.request()[0][1].as_str().is_some_and(|key| key.starts_with("chat:stop:"));
    let wished = moment(calls.iter().find(is_wish).expect("a wish"), "ended_us");
    let appends: Vec<_> = calls.iter().filter(is_append).collect();
    let (last, before) = appends.split_last().expect("an append");
    assert!(
        before.iter().all(|append| moment(append, "started_us") < wished),
        "the first one after the wish brings it"
    );
    let began = before.last().map_or_else(|| moment(model, "started_us"), |append| moment(append, "ended_us"));
    let asked = moment(last, "started_us");
    let trip = before.last().map_or(0, |append| moment(append, "ended_us") - moment(append, "started_us"));
    Heard {
        after: Duration::from_micros(asked.saturating_sub(wished)),
        pause: Duration::from_micros(asked - began),
        trip: Duration::from_micros(trip),
    }
}

/// Three answers at once, stopped from elsewhere: one might be lucky with its append, and another late on a busy machine.
async fn stops(visitor: &Visitor, other: &Server, is_followed: bool) -> Vec<Heard> {
    let one = |_| async {
        let scene = visitor.scene(paced(CHUNKS, 10)).await;
        let Begun { reader, session, answer, .. } = begin(visitor, &scene.text("stop from elsewhere"), 5).await;
        let mut follower = None;
        if is_followed {
            let mut reading = follow(visitor, other, &session, &answer, From::Beginning).await;
            // What comes beyond the first append comes with one that knows of the follower.
            let appended = reading.read_chunks(1).await && {
                let seen = reading.said().split_whitespace().count();
                reading.read_chunks(seen + 1).await
            };
            assert!(appended, "{}", reading.said());
            follower = Some(reading);
        }
        stop(visitor, other, &session, &answer, None).await.expect(200);
        drop((reader, follower));
        let model = control::calls("model", scene.tag(), visitor.since()).await.remove(0);
        heard(visitor, &answer, &model).await
    };
    futures::future::join_all((0..3).map(one)).await
}

/// docs/reliability.md promises 2.5 s and 0.5 s. Longer pauses would make all three of them longer; what the machine takes may be in any.
#[tokio::test]
async fn a_stop_from_another_instance_is_heard_with_the_next_append() {
    let other = Server::started_with(&[]).await;
    let visitor = Visitor::new().await;
    for (is_followed, promised) in [(false, 2_500), (true, 500)].map(|(one, ms)| (one, Duration::from_millis(ms))) {
        let heard = stops(&visitor, &other, is_followed).await;
        // The model's first byte and the machine are in it, too.
        let beyond = |heard: &Heard, took: Duration| took.saturating_sub(heard.longest_pause(promised));
        let pause = heard.iter().map(|heard| beyond(heard, heard.pause)).min().unwrap();
        let after = heard.iter().map(|heard| beyond(heard, heard.after)).max().unwrap();
        assert!(pause <= Duration::from_millis(1_200), "a pause longer by {pause:?}, followed: {is_followed}");
        assert!(after <= Duration::from_secs(2), "heard later by {after:?}, followed: {is_followed}");
        // A reader who has left can hold a place for a moment more.
        visitor.settled_in_redis().await;
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_stop_keeps_no_more_than_the_reader_says_to_have_seen() {
    let visitor = Visitor::new().await;
    // Less than has arrived, within a word.
    let (read, kept) =
        stopped_at(&visitor, visitor.server(), |read| Some(json!({"seen": read.chars().count() - 3}))).await;
    let expected: String = read.chars().take(read.chars().count() - 3).collect();
    assert_eq!(kept["content"], json!(expected));
    // An append that was on its way when its buffer was dropped leaves nothing that stays, and nothing to be read.
    visitor.settled_in_redis().await;
    let answer = kept["id"].as_str().unwrap();
    let buffer = stores::replay_buffer(&visitor.id.to_string(), answer).await;
    for late in ["", "data: late\n\n"] {
        if !late.is_empty() {
            stores::redis(&["SETRANGE", &buffer, "40", late]).await;
        }
        let mut follower =
            follow(&visitor, visitor.server(), kept["session_id"].as_str().unwrap(), answer, From::Beginning).await;
        follower.read_to_end().await;
        assert_eq!(follower.said(), expected);
    }
    let life = stores::redis(&["PTTL", &buffer]).await;
    assert!(life.as_i64().is_some_and(|life| life > 0), "{life}");
    // More than can have arrived.
    let (read, kept) = stopped_at(&visitor, visitor.server(), |_| Some(json!({"seen": 1_000_000}))).await;
    assert!(kept["content"].as_str().unwrap().starts_with(&read));
    visitor.leaves().await;
}

/// As the page does it: the end does not wait for the recorder's next append, and what is kept is what was seen.
#[tokio::test]
async fn a_reader_who_wishes_the_end_and_leaves_is_heard_at_once() {
    // The first append comes after five seconds, and the second ten after it, while the answer goes on for twenty in all.
    let server = Server::started_with(&[("CHAT_RESUME_INTERVAL_MS", "2000")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    let scene = visitor.scene(paced(CHUNKS, 10)).await;
    let Begun { reader, session, answer, .. } = begin(&visitor, &scene.text("wish and leave"), 20).await;
    let read = reader.said();
    let seen = read.chars().count() - 3;
    let buffer = stores::replay_buffer(&visitor.id.to_string(), &answer).await;
    stores::appears("the first append", &buffer).await;
    let asked = Instant::now();
    let wish = format!("chat:stop:{}:{}", visitor.id, stores::run_of(&answer).await);
    let leaving = async {
        stores::appears("the wish", &wish).await;
        reader.reset();
    };
    let stopping = stop(&visitor, visitor.server(), &session, &answer, Some(json!({"seen": seen})));
    let (stopped, ()) = tokio::join!(stopping, leaving);
    let took = asked.elapsed();
    let stopped = stopped.expect(200).json();
    assert_eq!(stopped["status"], "stopped");
    assert_eq!(stopped["content"], json!(read.chars().take(seen).collect::<String>()));
    assert!(took < Duration::from_secs(8), "before the next append of an answer that nobody follows: {took:?}");
    visitor.leaves().await;
}

/// As the page does it: the connection is closed 300 ms after the wish has left, which makes two trips to stores that are far away.
#[tokio::test]
async fn who_wishes_the_end_and_leaves_is_heard_though_the_stores_are_far_away() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(CHUNKS, 10)).await;
    let Begun { reader, session, answer, .. } = begin(&visitor, &scene.text("far away"), 20).await;
    let read = reader.said();
    let seen = read.chars().count() - 3;
    let id = visitor.id.to_string();
    let far = json!({"latency_ms": 400});
    let faults = [control::fault("sql", &id, far.clone(), None).await, control::fault("redis", &id, far, None).await];
    let leaving = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        reader.reset();
    };
    let stopping = stop(&visitor, visitor.server(), &session, &answer, Some(json!({"seen": seen})));
    let (stopped, ()) = tokio::join!(stopping, leaving);
    let stopped = stopped.expect(200).json();
    assert_eq!(stopped["content"], json!(read.chars().take(seen).collect::<String>()));
    for fault in faults {
        fault.lift().await;
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_stop_after_the_end_changes_nothing() {
    let visitor = Visitor::new().await;
    let sent = visitor.stream(None, &visitor.text("over")).await.expect(200);
    let (session, answer) = (sent.header("x-session-id"), sent.header("x-message-id"));
    let stored = visitor.settled(session, "assistant").await;
    assert_eq!(stored["status"], "complete");
    for body in [None, Some(json!({})), Some(json!({"seen": 1}))] {
        let told = stop(&visitor, visitor.server(), session, answer, body).await.expect(200).json();
        assert_eq!(told, stored);
    }
    assert_eq!(visitor.settled(session, "assistant").await, stored);
    visitor.leaves().await;
}

/// The row is there before the model says anything; who sees it in another tab can end it.
#[tokio::test]
async fn a_stop_before_the_first_byte_ends_the_answer_as_it_begins() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let scenario = json!({"chunks": CHUNKS, "chunk_text": "wört{i} ", "pace_ms": 10, "first_byte_delay_ms": 2_000});
    let text = visitor.scene(scenario).await.text("early");
    let sending = visitor.stream(Some(&session), &text);
    let stopping = async {
        let answer = eventually("the answer's row", || async {
            let messages = visitor.messages(&session).await;
            let row = messages.into_iter().find(|message| message["role"] == "assistant");
            row.ok_or_else(|| "not yet".to_owned())
        })
        .await;
        let stopped = stop(&visitor, visitor.server(), &session, answer["id"].as_str().unwrap(), None).await;
        assert_eq!(stopped.expect(200).json()["status"], "stopped");
        let call = visitor.model_calls().await[0].seq();
        let ended = control::ended(call, Duration::from_secs(5)).await;
        assert_eq!(ended.outcome(), "client_closed", "{ended:?}");
    };
    tokio::join!(sending, stopping);
    visitor.leaves().await;
}

#[tokio::test]
async fn a_stop_that_nobody_obeys_is_one_wish_and_six_looks() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    // The model says nothing for longer than the stop waits.
    let scenario = json!({"chunks": CHUNKS, "chunk_text": "late", "pace_ms": 10, "first_byte_delay_ms": 9_000});
    let text = visitor.scene(scenario).await.text("unheard");
    let sending = visitor.stream(Some(&session), &text);
    let stopping = async {
        let answer = eventually("the answer's row", || async {
            let messages = visitor.messages(&session).await;
            let row = messages.into_iter().find(|message| message["role"] == "assistant");
            row.ok_or_else(|| "not yet".to_owned())
        })
        .await;
        let id = answer["id"].as_str().unwrap();
        let stopped = stop(&visitor, visitor.server(), &session, id, None).await.expect(200).json();
        assert_eq!(stopped["status"], "streaming", "it is still running, and says so");
        let is = |call: &control::LoggedCall, name| call.request().to_string().contains(&control::tag(name));
        let wishes = control::calls("redis", &stores::run_of(id).await, visitor.since()).await;
        let wishes = wishes
            .iter()
            .filter(|call| call.request()[1].as_str().is_some_and(|key| key.starts_with("chat:stop:")))
            .count();
        let looks = control::calls("sql", id, visitor.since()).await;
        let looks = looks.iter().filter(|call| is(call, "read_message")).count();
        assert_eq!((wishes, looks), (1, 6));
    };
    tokio::join!(sending, stopping);
    assert_eq!(visitor.settled(&session, "assistant").await["status"], "stopped", "the wish stands");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_wish_to_stop_is_its_run_s_and_no_other_s() {
    let visitor = Visitor::new().await;
    let scene = visitor.scene(paced(CHUNKS, 10)).await;
    let Begun { mut reader, session, answer, .. } = begin(&visitor, &scene.text("runs"), 10).await;
    stop(&visitor, visitor.server(), &session, &answer, None).await.expect(200);
    reader.read_to_end().await;
    // The continuation is not stopped by the earlier run's wish, and is by its own, though that comes before its first batch.
    scene.afterwards(json!({"chunks": CHUNKS, "chunk_text": "wört{i} ", "pace_ms": 10})).await;
    let path = format!("{}/continue", message_path(&session, &answer));
    let mut continued = visitor.open("POST", &path, Some(&json!({}))).await;
    assert!(continued.read_chunks(5).await);
    let stopped = stop(&visitor, visitor.server(), &session, &answer, None).await.expect(200).json();
    assert_eq!(stopped["status"], "stopped");
    continued.read_to_end().await;
    visitor.leaves().await;
}

#[tokio::test]
async fn only_the_owner_stops_an_answer() {
    let (visitor, stranger) = (Visitor::new().await, Visitor::new().await);
    let scene = visitor.scene(paced(20, 50)).await;
    let Begun { mut reader, session, answer, question } = begin(&visitor, &scene.text("mine"), 2).await;
    let none = uuid::Uuid::now_v7().to_string();
    let foreign = stop(&stranger, visitor.server(), &session, &answer, None).await.problem(404, "not_found");
    let missing = stop(&stranger, visitor.server(), &none, &none, None).await.problem(404, "not_found");
    assert_eq!(foreign["message"], missing["message"], "another's looks like none");
    let of_question = stop(&visitor, visitor.server(), &session, &question, None).await;
    assert!([400, 404].contains(&of_question.status), "{}", of_question.shown());
    reader.read_to_end().await;
    assert_eq!(reader.said(), paced_text(20), "nobody has stopped it");
    visitor.settled(&session, "assistant").await;
    visitor.leaves().await;
    stranger.leaves().await;
}
