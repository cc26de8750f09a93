//! The events of a response that streams, made of the model's own stream: each of its chunks passes through the core.

use application::turn::{Heard, Rewrite, Rewritten};
use application::write_event;
use domain::MessageId;
use serde_json::{Map, Value, json};

use super::object::{PartView, ResponseView};

/// A response on its way.
struct Events {
    /// Its number is the next event's.
    sequence: u64,
    bytes: String,
}

impl Events {
    /// Writes an event of this type with these members.
    fn write(&mut self, kind: &str, members: Value) {
        let mut event = Map::new();
        event.insert("type".to_owned(), kind.into());
        event.insert("sequence_number".to_owned(), self.sequence.into());
        if let Value::Object(members) = members {
            event.extend(members);
        }
        self.sequence += 1;
        self.bytes += &write_event(kind, &Value::Object(event).to_string());
    }

    /// As [`Self::write`], of the one part of this item.
    fn write_in(&mut self, item: &str, kind: &str, members: Value) {
        let mut place = json!({"item_id": item, "output_index": 0, "content_index": 0});
        if let (Some(place), Value::Object(members)) = (place.as_object_mut(), members) {
            place.extend(members);
        }
        self.write(kind, place);
    }
}

/// What becomes of the stream of `answer`.
pub(super) fn rewrite(begun: ResponseView, answer: MessageId) -> Rewrite {
    let mut events = Events { sequence: 0, bytes: String::new() };
    let mut response = begun;
    let mut said = String::new();
    let mut id = String::new();
    Box::new(move |heard| {
        let is_last = match heard {
            Heard::Beginning { model } => {
                response = response.clone().answered(answer, model);
                let item = response.item();
                id.clone_from(&item.id);
                events.write("response.created", json!({"response": response}));
                events.write("response.in_progress", json!({"response": response}));
                events.write("response.output_item.added", json!({"output_index": 0, "item": item}));
                events.write_in(&id, "response.content_part.added", json!({"part": PartView::of(String::new())}));
                false
            }
            Heard::Text(text) => {
                said += text;
                events.write_in(&id, "response.output_text.delta", json!({"delta": text, "logprobs": []}));
                false
            }
            Heard::End { ending, usage } => {
                let text = std::mem::take(&mut said);
                events.write_in(&id, "response.output_text.done", json!({"text": text, "logprobs": []}));
                events.write_in(&id, "response.content_part.done", json!({"part": PartView::of(text.clone())}));
                let ended = response.clone().ended(ending, text, usage);
                events.write("response.output_item.done", json!({"output_index": 0, "item": ended.output.first()}));
                events.write(ended.last_event(), json!({"response": ended}));
                true
            }
        };
        Rewritten { bytes: std::mem::take(&mut events.bytes), is_last }
    })
}

#[cfg(test)]
mod tests {
    use domain::{Ending, TokenUsage};
    use jiff::Timestamp;

    use super::super::request::NewResponse;
    use super::*;

    fn told(ending: Ending) -> Vec<Value> {
        let body = json!({"model": "m", "input": "Hi", "instructions": "Be brief."});
        let new = NewResponse::read(body.as_object().unwrap().clone()).unwrap();
        let answer = MessageId::new(Timestamp::UNIX_EPOCH, [0; 10]);
        let mut rewrite = rewrite(ResponseView::begun(&new, 7), answer);
        let usage = Some(TokenUsage { prompt: 2, completion: 3 });
        let heard = [
            Heard::Beginning { model: Some("other") },
            Heard::Text("a\n"),
            Heard::Text("b"),
            Heard::End { ending, usage },
        ];
        let stream: String = heard.into_iter().map(|heard| rewrite(heard).bytes).collect();
        let events = stream.split_terminator("\n\n").map(|event| {
            let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
            let data: Value = serde_json::from_str(data).unwrap();
            assert_eq!(data["type"], name);
            data
        });
        events.collect()
    }

    #[test]
    fn a_response_is_told_event_by_event() {
        let events = told(Ending::Complete);
        let kinds: Vec<&str> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
        assert_eq!(
            kinds,
            [
                "response.created",
                "response.in_progress",
                "response.output_item.added",
                "response.content_part.added",
                "response.output_text.delta",
                "response.output_text.delta",
                "response.output_text.done",
                "response.content_part.done",
                "response.output_item.done",
                "response.completed",
            ]
        );
        let numbers: Vec<u64> = events.iter().map(|event| event["sequence_number"].as_u64().unwrap()).collect();
        assert_eq!(numbers, (0..10).collect::<Vec<u64>>());
        let [created, .., ended] = &*events else { panic!("no events") };
        assert_eq!(
            (&created["response"]["status"], &created["response"]["output"]),
            (&json!("in_progress"), &json!([]))
        );
        let response = &ended["response"];
        assert_eq!((&response["id"], &response["model"]), (&created["response"]["id"], &json!("other")));
        assert_eq!(response["output"][0]["content"][0]["text"], "a\nb");
        assert_eq!(response["output"][0]["id"], events[4]["item_id"]);
        assert_eq!((&response["usage"]["total_tokens"], &response["instructions"]), (&json!(5), &json!("Be brief.")));
    }

    #[test]
    fn a_response_that_is_not_whole_says_why() {
        for (ending, kind, why) in [
            (Ending::Truncated, "response.incomplete", "max_output_tokens"),
            (Ending::Filtered, "response.incomplete", "content_filter"),
            (Ending::Interrupted, "response.failed", "server_error"),
        ] {
            let last = told(ending).pop().unwrap();
            let response = &last["response"];
            let told = [&response["incomplete_details"]["reason"], &response["error"]["code"]];
            assert_eq!(last["type"], kind);
            assert!(told.contains(&&json!(why)), "{last}");
            assert_eq!(response["output"][0]["status"], "incomplete");
        }
    }
}
