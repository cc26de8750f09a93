//! Whom an admin shuts out, what is known of them, and who may do so.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tests::{Call, Server, Visitor, eventually, fresh_address, stores};
use uuid::Uuid;

use crate::accounts::{server, text};

const ADDRESS: &str = "/admin/addresses/block";

fn user(visitor: &Visitor) -> String {
    format!("/admin/users/{}", visitor.id)
}

/// A moment from now, in whole seconds.
fn in_hours(hours: i64) -> String {
    Timestamp::from_second((Timestamp::now() + SignedDuration::from_hours(hours)).as_second()).unwrap().to_string()
}

#[tokio::test]
async fn a_user_is_shut_out_by_both_stores_and_let_in_again() {
    let server = server().await;
    let admin = Visitor::of(&server, "admin").await;
    let (visitor, other) = (Visitor::of(&server, "guest").await, Visitor::of(&server, "guest").await);
    let known = async || admin.get(&user(&visitor)).await.expect(200).json();
    let session = visitor.session().await;
    visitor.send(Some(&session), &visitor.text("before")).await.expect(200);
    visitor.settled(&session, "assistant").await;
    let person = known().await;
    assert_eq!((&person["id"], &person["role"]), (&json!(visitor.id), &json!("guest")), "{person}");
    assert_eq!((&person["today"]["messages"], &person["blocked_until"]), (&json!(1), &Value::Null), "{person}");
    assert!(person["today"]["tokens"].as_u64().unwrap() > 0 && person["storage"]["bytes"].as_u64().unwrap() > 0);
    assert_eq!(person["today"], person["last_30_days"], "{person}");

    let (block, until) = (format!("{}/block", user(&visitor)), in_hours(30 * 24));
    admin.post(&block, &json!({"until": until})).await.expect(204);
    assert_eq!(known().await["blocked_until"], json!(until));
    let says = async |words: &str| visitor.send(Some(&session), &visitor.text(words)).await;
    says("refused").await.problem(403, "blocked");
    let unkept = json!({"messages": [], "content": visitor.text("whispered")});
    visitor.post("/chat/temporary", &unkept).await.problem(403, "blocked");
    visitor.get("/chat/sessions").await.problem(403, "blocked");
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (1, 1));
    other.send(None, &other.text("untouched")).await.expect(200);

    // As long as the block lasts, and where Redis has forgotten it Postgres says no.
    let value = format!("chat:user:{}", visitor.id);
    let life = stores::redis(&["PTTL", &value]).await.as_i64().unwrap();
    assert!(life > 29 * 86_400_000, "{life}");
    stores::redis(&["DEL", &value]).await;
    // An instance that has refused them remembers it, for a minute at most.
    let unaware = crate::accounts::server().await;
    let path = format!("/chat/sessions/{session}/messages");
    let says = async |words: &str| {
        let body = json!({"content": visitor.text(words), "stream": false});
        unaware.send(visitor.asks("POST", &path, Some(&body))).await
    };
    says("refused again").await.problem(403, "blocked");
    eventually("the charge is undone", || async {
        match visitor.used_today().await {
            0 => Ok(()),
            used => Err(format!("{used} used")),
        }
    })
    .await;
    assert_eq!(visitor.model_calls().await.len(), 1);

    for _ in 0..2 {
        admin.call("DELETE", &block, None).await.expect(204);
    }
    assert_eq!(known().await["blocked_until"], Value::Null);
    says("let in").await.expect(200);
    for visitor in [admin, visitor, other] {
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn an_address_is_shut_out_with_its_newcomers_and_let_in_again() {
    async fn newcomer(server: &Server) -> tests::Answer {
        server.send(Call::new("POST", "/api/v1/auth/guest")).await
    }
    let server = server().await;
    let admin = Visitor::of(&server, "admin").await;
    let address = fresh_address();
    let there = server.reached_from(address);
    let (visitor, elsewhere) = (Visitor::of(&there, "guest").await, Visitor::of(&server, "guest").await);
    let neighbour = Visitor::of(&there, "guest").await;
    let session = text(&visitor.send(None, &visitor.text("before")).await.expect(200).json()["session_id"]);
    let refused = async || {
        let overview = admin.get("/admin/overview").await.expect(200).json();
        let counts = overview["refusals"].as_array().unwrap().clone();
        counts.iter().find(|count| count["code"] == "blocked").map_or(0, |count| count["count"].as_u64().unwrap())
    };

    let before = refused().await;
    admin.post(ADDRESS, &json!({"address": address})).await.expect(204);
    // Other writes leave it as it is.
    visitor.send(Some(&session), &visitor.text("refused")).await.problem(403, "blocked");
    neighbour.send(None, &neighbour.text("refused, too")).await.problem(403, "blocked");
    newcomer(&there).await.problem(403, "blocked");
    assert!(refused().await >= before + 2);
    assert_eq!((visitor.used_today().await, visitor.model_calls().await.len()), (1, 1));
    visitor.get(&format!("/chat/sessions/{session}")).await.expect(200);
    elsewhere.send(None, &elsewhere.text("untouched")).await.expect(200);

    admin.call("DELETE", ADDRESS, Some(&json!({"address": address}))).await.expect(204);
    newcomer(&there).await.expect(201);
    // The instance that has refused them remembers it, for a minute at most; others let them in.
    let unaware = crate::accounts::server().await.reached_from(address);
    let body = json!({"content": visitor.text("let in"), "stream": false});
    let call = visitor.asks("POST", &format!("/chat/sessions/{session}/messages"), Some(&body));
    unaware.send(call).await.expect(200);
    for visitor in [admin, visitor, neighbour, elsewhere] {
        visitor.leaves().await;
    }
}

#[tokio::test]
async fn only_an_admin_shuts_out_and_no_admin_is() {
    let server = server().await;
    let (admin, visitor) = (Visitor::of(&server, "admin").await, Visitor::of(&server, "user").await);
    visitor.session().await;
    let block = format!("{}/block", user(&visitor));
    let (until, address) = (json!({"until": in_hours(1)}), json!({"address": "2001:db8::1"}));
    for (method, path, body) in [
        ("GET", user(&visitor), None),
        ("POST", block.clone(), Some(&until)),
        ("DELETE", block.clone(), None),
        ("POST", ADDRESS.to_owned(), Some(&address)),
        ("DELETE", ADDRESS.to_owned(), Some(&address)),
    ] {
        server.send(Call::new(method, format!("/api/v1{path}"))).await.problem(401, "unauthenticated");
        visitor.call(method, &path, body).await.problem(403, "forbidden");
    }
    for id in [&Uuid::now_v7().to_string(), "x"] {
        admin.get(&format!("/admin/users/{id}")).await.problem(404, "not_found");
    }
    // Who has kept nothing yet is known to Redis alone.
    let newcomer = format!("/admin/users/{}/block", Uuid::now_v7());
    admin.post(&newcomer, &until).await.expect(204);
    admin.call("DELETE", &newcomer, None).await.expect(204);
    admin.call("DELETE", "/admin/users/x/block", None).await.problem(404, "not_found");
    for wrong in ["tomorrow".to_owned(), in_hours(-1), in_hours(32 * 24)] {
        let problem = admin.post(&block, &json!({"until": wrong})).await.problem(400, "invalid_request");
        assert_eq!(problem["field"], "until", "{wrong}");
    }
    for wrong in ["", "no address", "192.0.2.1/24", "192.0.2.1:80"] {
        let problem = admin.post(ADDRESS, &json!({"address": wrong})).await.problem(400, "invalid_request");
        assert_eq!(problem["field"], "address", "{wrong}");
    }
    for method in ["POST", "DELETE"] {
        admin.call(method, ADDRESS, Some(&address)).await.expect(204);
    }

    admin.post(&format!("{}/block", user(&admin)), &until).await.problem(409, "is_admin");
    stores::rows("update users set role = 'admin' where id = $1::uuid", &[&visitor.id.to_string()]).await;
    admin.post(&block, &until).await.problem(409, "is_admin");
    visitor.send(None, &visitor.text("let in")).await.expect(200);
    for visitor in [admin, visitor] {
        visitor.leaves().await;
    }
}
