//! Which model answers when the first is gone or without quota.

use serde_json::{Value, json};
use tests::{Server, Visitor, control, eventually, stores};
use uuid::Uuid;

/// Two models that no other test asks: that one is gone is remembered for all.
struct Models {
    server: Server,
    first: String,
    second: String,
}

impl Models {
    async fn started() -> Self {
        let id = Uuid::new_v4();
        let (first, second) = (format!("test-first-{id}"), format!("test-second-{id}"));
        let server = Server::started_with(&[("SAMBANOVA_MODELS", &format!("{first},{second}"))]).await;
        Self { server, first, second }
    }

    /// The first says so, and the second answers.
    fn refused_by_the_first(&self, status: u16, code: &str) -> Value {
        json!({"chunks": 2, "chunk_text": "w{i} ", "error": {"status": status, "code": code, "models": [self.first]}})
    }

    /// The models that were asked with this text, in their order.
    async fn asked(&self, text: &str, since: u64) -> Vec<String> {
        let calls = control::calls("model", text, since).await;
        let bodies = calls.iter().map(|call| call.0["request"].to_string());
        bodies.map(|body| if body.contains(&self.first) { &self.first } else { &self.second }.clone()).collect()
    }
}

#[tokio::test]
async fn the_next_model_answers_for_one_that_is_gone_or_without_quota() {
    for (status, code) in [
        (402, "PAYMENT_METHOD_REQUIRED"),
        (429, "insufficient_quota"),
        (410, "model_deprecated"),
        (400, "model_not_found"),
    ] {
        let models = Models::started().await;
        let visitor = Visitor::of(&models.server, "guest").await;
        let scene = visitor.scene(models.refused_by_the_first(status, code)).await;
        for (sent, stream) in (1..).zip([true, false]) {
            let (since, text) = (control::newest().await, scene.text(&format!("{code} {stream}")));
            let body = json!({"content": text, "stream": stream});
            let answer = visitor.post("/chat/messages", &body).await.expect(200);
            let Models { first, second, .. } = &models;
            if stream {
                assert!(answer.text().contains(&format!("\"model\":\"{second}\"")), "{}", answer.text());
            }
            // It is remembered, so that not every message asks it first.
            let expected = if sent == 1 { vec![first.clone(), second.clone()] } else { vec![second.clone()] };
            assert_eq!(models.asked(scene.tag(), since).await, expected, "{code}");
            let stored = visitor.settled(answer.header("x-session-id"), "assistant").await;
            assert_eq!((&stored["model"], &stored["status"]), (&json!(second), &json!("complete")), "{code}");
            assert_eq!(visitor.used_today().await, sent, "a message is charged once: {code}");
            eventually("its settlement", || async {
                let all = stores::redis(&["GET", "chat:all"]).await;
                if all.as_str().is_some_and(|all| all.contains(first)) { Ok(()) } else { Err(all.to_string()) }
            })
            .await;
        }
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn what_is_not_the_models_own_fault_is_asked_of_no_other() {
    let models = Models::started().await;
    for (status, code) in [(400, "invalid_type"), (401, "invalid_authentication"), (404, "not_found")] {
        let visitor = Visitor::of(&models.server, "guest").await;
        let scene = visitor.scene(models.refused_by_the_first(status, code)).await;
        let (since, text) = (control::newest().await, scene.text(code));
        visitor.send(None, &text).await.problem(502, "provider_error");
        assert_eq!(models.asked(scene.tag(), since).await, std::slice::from_ref(&models.first), "{code}");
        visitor.leaves().await;
    }
}
