//! Nothing in Redis stays for ever, whoever made it.

use serde_json::{Value, json};
use tests::{Call, Reader, Server, Visitor, clock, optional_variable, stores};

/// All keys of ours at one moment: those that do not end by themselves, and the kinds that there are.
const LOOK: &str = "
local cursor, endless, kinds, names = '0', {}, {}, {}
repeat
  local page = redis.call('SCAN', cursor, 'MATCH', 'chat:*', 'COUNT', 1000)
  cursor = page[1]
  for _, key in ipairs(page[2]) do
    local kind = string.match(key, '^chat:[^:]+')
    if not kinds[kind] then
      kinds[kind], names[#names + 1] = true, kind
    end
    if redis.call('PTTL', key) <= 0 then
      endless[#endless + 1] = key
    end
  end
until cursor == '0'
return {endless, names}";

#[tokio::test]
async fn every_key_ends_by_itself() {
    let _clock = clock::still_and_alone().await;
    let server = Server::started_with(&[("CHAT_RATE_LIMIT_PER_MINUTE", "1")]).await;
    let visitor = Visitor::of(&server, "guest").await;
    server.send(Call::new("POST", "/api/v1/auth/guest")).await.expect(201);
    let scene = visitor.scene(json!({"chunks": 500, "chunk_text": "w{i} ", "pace_ms": 20})).await;
    let body = json!({"content": scene.text("leave something")});
    let sent = visitor.asks("POST", "/chat/messages", Some(&body)).header("idempotency-key", "lives");
    let mut reader = Reader::of(server.base(), &sent).await;
    assert!(reader.read_chunks(1).await);
    let (session, answer) = (reader.header("x-session-id").to_owned(), reader.header("x-message-id").to_owned());
    let of_answer = |end: &str| format!("/chat/sessions/{session}/messages/{answer}/{end}");
    visitor.post(&of_answer("stop"), &json!({})).await.expect(200);
    reader.read_to_end().await;
    visitor.send(None, &visitor.text("refused")).await.problem(429, "rate_limited");
    visitor.settled(&session, "assistant").await;

    let (user, run) = (visitor.id, stores::run_of(&answer).await);
    for key in [
        "chat:all".to_owned(),
        "chat:stats".to_owned(),
        format!("chat:user:{user}"),
        format!("chat:claim:{user}:lives"),
        format!("chat:replay:{user}:{run}"),
        format!("chat:stop:{user}:{run}"),
    ] {
        let left = stores::redis(&["PTTL", &key]).await;
        assert!(left.as_i64().is_some_and(|left| left > 0), "{key}: {left}");
    }
    visitor.leaves().await;
    // The embedded store lists no keys. In a real one there are those of the suites before, too.
    if optional_variable("REDIS_DIRECT_URL").is_some() {
        let found = stores::redis(&["EVAL", LOOK, "0"]).await;
        let kinds: Vec<&str> = found[1].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        for kind in ["all", "address", "claim", "replay", "stats", "stop", "user"] {
            assert!(kinds.contains(&format!("chat:{kind}").as_str()), "{kind} of {kinds:?}");
        }
        assert_eq!(found[0], json!([]), "these stay for ever");
    }
}
