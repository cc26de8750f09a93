//! How a replayed stream is read: events, each with the name of the place after it.

use tests::{Call, Reader, Server, Visitor, before_late_save};

use crate::message_path;

/// Follows an answer from the beginning, or from after an event or a number of characters, at any server. Comes back while the places of
/// readers who have just left are still held.
pub async fn follow(visitor: &Visitor, server: &Server, session: &str, answer: &str, from: From<'_>) -> Reader {
    let call = asking(visitor, session, answer, from);
    tests::eventually("a place among the readers", || async {
        let reader = Reader::of(server.base(), &call).await;
        if reader.status == 429 { Err("all places are taken".to_owned()) } else { Ok(reader) }
    })
    .await
}

/// From where an answer is followed.
#[derive(Clone, Copy)]
pub enum From<'a> {
    Beginning,
    Event(&'a str),
    Characters(usize),
}

/// The call that asks for a replay.
pub fn asking(visitor: &Visitor, session: &str, answer: &str, from: From<'_>) -> Call {
    let path = format!("{}/stream", message_path(session, answer));
    match from {
        From::Beginning => visitor.asks("GET", &path, None),
        From::Event(id) => visitor.asks("GET", &path, None).header("last-event-id", id),
        From::Characters(count) => visitor.asks("GET", &format!("{path}?from={count}"), None),
    }
}

/// What a replay has brought in whole events.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// The bytes without the `id` lines.
    pub bytes: String,
    /// The last event's id.
    pub last: Option<String>,
    /// How many events.
    pub events: usize,
}

/// Reads the whole events of a replay. Each must have an id, which is the server's to choose: what it is good for is shown by coming
/// back with it.
pub fn replayed(body: &[u8]) -> Replayed {
    let text = String::from_utf8(body[..whole(body)].to_vec()).expect("whole events are UTF-8");
    let mut seen = Replayed::default();
    for event in text.split_inclusive("\n\n") {
        let (id, rest) = event.strip_prefix("id: ").and_then(|event| event.split_once('\n')).unwrap_or_else(|| {
            panic!("every event of a replay has an id: {event:?}");
        });
        assert!(!id.is_empty() && seen.last.as_deref() != Some(id), "an id of its own: {event:?}");
        seen.bytes += rest;
        seen.events += 1;
        seen.last = Some(id.to_owned());
    }
    seen
}

/// A first stream without our own last word, where a busy machine has stored the answer late (`not_saved`): no replay repeats it.
pub fn without_late_save(stream: &str) -> &str {
    before_late_save(stream).map_or(stream, |own| {
        // The word begins on a line of its own, whatever stands before it.
        own.strip_suffix("\n\n").filter(|own| own.ends_with("\n\n")).unwrap_or(own)
    })
}

/// Fails with the first events that differ, and the number of those before them: a whole stream would say nothing in a log.
pub fn assert_same_events(replayed: &str, original: &str, what: &str) {
    let (ours, theirs) = (replayed.split_inclusive("\n\n"), original.split_inclusive("\n\n"));
    let same = ours.zip(theirs).take_while(|(ours, theirs)| ours == theirs).count();
    let rest = |stream: &str| stream.split_inclusive("\n\n").skip(same).take(3).collect::<String>();
    assert_eq!(rest(replayed), rest(original), "{what}: after {same} events that are the same");
}

/// How many whole events have come.
pub fn events(body: &[u8]) -> usize {
    body[..whole(body)].windows(2).filter(|pair| *pair == b"\n\n").count()
}

fn whole(body: &[u8]) -> usize {
    body.windows(2).rposition(|pair| pair == b"\n\n").map_or(0, |at| at + 2)
}
