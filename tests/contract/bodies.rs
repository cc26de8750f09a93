//! Bodies of messages and titles: what is taken, what is not, and that a refused one costs nothing.

use serde_json::json;
use tests::{Answer, Call, Server, Visitor, control};

async fn post_raw(visitor: &Visitor, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    let call = Call::new("POST", format!("/api/v1{path}")).token(&visitor.token).body("application/json", body);
    visitor.server().send(call).await
}

/// An error is a sentence for people: no type of ours, no words of a library's.
fn check_plain_words(error: &serde_json::Value) {
    let message = error["message"].as_str().unwrap();
    for word in ["struct", "enum", "expected", "invalid type", "u32", "String", "NewMessage", "FirstMessage", "line "] {
        assert!(!message.contains(word), "{message}");
    }
    assert!(message.ends_with('.') && message.chars().count() <= 200, "{message}");
}

#[tokio::test]
async fn an_error_repeats_little_of_what_was_sent() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let long = "y".repeat(3_000);
    for (method, path, body) in [
        ("POST", "/chat/messages".to_owned(), format!(r#"{{"content":"a","{long}":1}}"#)),
        ("POST", "/chat/messages".to_owned(), format!(r#"{{"content":"a","stream":"{long}"}}"#)),
        ("POST", "/chat/sessions".to_owned(), format!(r#"{{"title":["{long}"]}}"#)),
        ("PATCH", format!("/chat/sessions/{session}"), format!(r#"{{"title":"t","{long}":null}}"#)),
        ("POST", "/auth/guest".to_owned(), format!(r#"{{"{long}":1}}"#)),
    ] {
        let call = Call::new(method, format!("/api/v1{path}")).token(&visitor.token).body("application/json", body);
        let answer = visitor.server().send(call).await;
        check_plain_words(&answer.problem(400, "invalid_request"));
        assert!(answer.text().matches('y').count() <= 110, "{}", answer.text());
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn an_end_of_a_line_is_one_newline_and_in_a_title_a_space() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let sent = visitor.text("a\rb\r\nc\n\rd");
    let answer = visitor.send(Some(&session), &sent).await.expect(200).json();
    assert_eq!(answer["user_message"]["content"], visitor.text("a\nb\nc\n\nd"));
    visitor.settled(&session, "assistant").await;
    for title in ["a\rb", "a\nb", "a\r\nb", "\ta\u{2028}b\r"] {
        let one = format!("/chat/sessions/{session}");
        let renamed = visitor.call("PATCH", &one, Some(&json!({"title": title}))).await.expect(200);
        assert_eq!(renamed.json()["title"], "a b", "{title:?}");
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_made_title_halves_no_picture() {
    let visitor = Visitor::new().await;
    let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
    for picture in [family, "🇩🇪", "😀", "e\u{301}"] {
        let session = visitor.session().await;
        visitor.send(Some(&session), &format!("{}{}", picture.repeat(80), visitor.text(""))).await.expect(200);
        visitor.settled(&session, "assistant").await;
        let read = visitor.get(&format!("/chat/sessions/{session}")).await.json();
        let title = read["session"]["title"].as_str().unwrap().to_owned();
        assert_eq!(title.replace(picture, ""), "…", "{title}");
        assert!((50..=60).contains(&title.chars().count()), "{title}");
    }
    visitor.leaves().await;
}

/// Nothing was charged, asked or kept.
async fn check_nothing_happened(visitor: &Visitor, session: &str) {
    assert_eq!(visitor.used_today().await, 0);
    assert!(visitor.model_calls().await.is_empty());
    assert!(visitor.messages(session).await.is_empty());
    assert_eq!(visitor.get("/chat/sessions").await.json()["total"], 1);
}

#[tokio::test]
async fn what_is_not_json_is_invalid_json() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let bodies: [&[u8]; 10] = [
        b"",
        b"{",
        b"hello",
        b"{\"content\":\"a\",}",
        b"{'content':'a'}",
        b"{\"content\":\"a\"} trailing",
        b"{\"content\":\"\\ud83d\"}",
        b"{\"content\":\"\\ude00\\ud83d\"}",
        b"{\"content\":\"\xff\xfe\"}",
        b"{\"content\":\"raw \x00 control\"}",
    ];
    for path in ["/chat/messages".to_owned(), format!("/chat/sessions/{session}/messages")] {
        for body in bodies {
            post_raw(&visitor, &path, body).await.problem(400, "invalid_json");
        }
    }
    check_nothing_happened(&visitor, &session).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn what_is_json_of_another_shape_is_invalid_request() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let bodies = [
        (r#"{}"#, Some("content")),
        (r#"{"content":null}"#, Some("content")),
        (r#"{"content":5}"#, Some("content")),
        (r#"{"content":["a"]}"#, Some("content")),
        (r#"{"content":{"text":"a"}}"#, Some("content")),
        (r#"{"content":""}"#, Some("content")),
        (r#"{"content":" \n\t "}"#, Some("content")),
        (r#"{"content":"\u0000\u0001"}"#, Some("content")),
        (r#"{"content":"\r\r"}"#, Some("content")),
        (r#"{"content":"\u200b"}"#, Some("content")),
        (r#"{"content":"\u3164 \u2800"}"#, Some("content")),
        (r#"{"content":"\u00ad\u2060\ufeff\u202e\ufe0f"}"#, Some("content")),
        (r#"{"content":"\udb40\udc67\udb40\udc7f"}"#, Some("content")),
        (r#"{"content":"a","stream":"yes"}"#, Some("stream")),
        (r#"{"content":"a","stream":1}"#, Some("stream")),
        (r#"{"content":"a","models":"gpt-4"}"#, Some("models")),
        (r#"{"content":"a","role":"system"}"#, Some("role")),
        (r#"[]"#, None),
        (r#"["a"]"#, None),
        (r#""a""#, None),
        (r#"null"#, None),
        (r#"7"#, None),
    ];
    for path in ["/chat/messages".to_owned(), format!("/chat/sessions/{session}/messages")] {
        for (body, field) in bodies {
            let error = post_raw(&visitor, &path, body).await.problem(400, "invalid_request");
            if let Some(field) = field {
                assert_eq!(error["field"], field, "{body}");
            }
            check_plain_words(&error);
        }
        for body in
            [r#"{"content":"a","content":"b"}"#.to_owned(), format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))]
        {
            let error = post_raw(&visitor, &path, body).await.any_problem();
            assert!(["invalid_json", "invalid_request"].contains(&error["code"].as_str().unwrap()), "{error}");
        }
    }
    check_nothing_happened(&visitor, &session).await;
    visitor.leaves().await;
}

/// A byte outside ASCII is taken for a token.
const LONG_PROMPTS: (&str, &str) = ("CHAT_MAX_CONTEXT_TOKENS", "20000");

#[tokio::test]
async fn a_message_that_the_model_could_not_read_is_not_sent_and_an_old_one_is_left_out() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    // The visitor's id is 15 tokens of the 6,000.
    let long = |letters| visitor.text("") + &"é".repeat(letters);
    visitor.send(Some(&session), &long(2992)).await.expect(200);
    visitor.send(Some(&session), &long(2993)).await.problem(413, "message_too_long");
    assert_eq!(visitor.used_today().await, 1, "it costs nothing");
    let text = visitor.text(&"x".repeat(300));
    visitor.send(Some(&session), &text).await.expect(200);
    let asked = visitor.model_calls().await.last().unwrap().request()["messages"].clone();
    assert_eq!(asked.as_array().unwrap().len(), 2, "what was said before has no room: {asked}");
    visitor.settled(&session, "assistant").await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_message_of_4001_characters_is_too_long_and_one_of_4000_is_not() {
    let visitor = Visitor::of(&Server::started_with(&[LONG_PROMPTS]).await, "guest").await;
    let session = visitor.session().await;
    for letter in ["x", "é", "😀"] {
        let answer = visitor.send(Some(&session), &letter.repeat(4001)).await;
        let error = answer.problem(413, "message_too_long");
        assert_eq!((error["chars"].as_i64(), error["limit"].as_i64()), (Some(4001), Some(4000)));
    }
    check_nothing_happened(&visitor, &session).await;

    let id = visitor.text("");
    for letter in ["x", "😀"] {
        let content = format!("{id}{}", letter.repeat(4000 - id.chars().count()));
        let answer = visitor.send(Some(&session), &content).await.expect(200).json();
        assert_eq!(answer["user_message"]["content"], content);
        visitor.settled(&session, "assistant").await;
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn four_thousand_emoji_are_four_thousand_characters() {
    let visitor = Visitor::of(&Server::started_with(&[LONG_PROMPTS]).await, "guest").await;
    // No room for the visitor's id: the emoji themselves are the marker.
    let content = "😀".repeat(4000);
    let short = json!({"chunks": 1, "chunk_text": "yes ", "pace_ms": 0, "usage": true, "finish": "stop", "done": true});
    control::scenario(&content, &short).await;
    let answer = visitor.send(None, &content).await.expect(200).json();
    assert_eq!(answer["user_message"]["content"].as_str(), Some(content.as_str()));
    visitor.leaves().await;
}

#[tokio::test]
async fn control_characters_are_removed_and_the_rest_is_kept_to_the_byte() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let sent = visitor.text(
        "a\u{0}b\u{7}c\u{7f}d\u{85}e\tf\ng \u{feff}\u{202e}𝄞 'quoted' \"double\" \\ $1 %s <b>&amp;</b> é e\u{301}",
    );
    let kept = visitor.text("abcde\tf\ng \u{feff}\u{202e}𝄞 'quoted' \"double\" \\ $1 %s <b>&amp;</b> é e\u{301}");
    let answer = visitor.send(Some(&session), &sent).await.expect(200).json();
    assert_eq!(answer["user_message"]["content"], kept);
    assert_eq!(visitor.messages(&session).await[0]["content"], kept);
    let asked =
        visitor.model_calls().await[0].request()["messages"].as_array().unwrap().last().unwrap()["content"].clone();
    assert_eq!(asked, kept);
    visitor.settled(&session, "assistant").await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_title_has_1_to_255_characters() {
    let visitor = Visitor::new().await;
    let session = visitor.session().await;
    let one = format!("/chat/sessions/{session}");
    for title in [
        json!(""),
        json!("   "),
        json!("x".repeat(256)),
        json!(5),
        json!(["a"]),
        json!("\u{0}"),
        json!("\r\n"),
        json!("\u{200b}"),
        json!("\u{3164}\u{2800}\u{202e}"),
    ] {
        let error = visitor.call("PATCH", &one, Some(&json!({"title": title}))).await.problem(400, "invalid_request");
        assert_eq!(error["field"], "title", "{title}");
        let error = visitor.post("/chat/sessions", &json!({"title": title})).await.problem(400, "invalid_request");
        assert_eq!(error["field"], "title", "{title}");
    }
    for body in [json!({}), json!({"title": null})] {
        let same = visitor.call("PATCH", &one, Some(&body)).await.expect(200).json();
        assert_eq!(same["title"], json!(null), "nothing is said, and nothing changes");
    }
    for body in [json!({"title": "t", "id": "x"}), json!({"user_id": visitor.id})] {
        visitor.post("/chat/sessions", &body).await.problem(400, "invalid_request");
    }
    for title in ["x".repeat(255), "😀".repeat(255), "O'Brien \"; drop table users; --".to_owned()] {
        let renamed = visitor.call("PATCH", &one, Some(&json!({"title": title}))).await.expect(200);
        assert_eq!(renamed.json()["title"], title);
    }
    visitor.leaves().await;
}
