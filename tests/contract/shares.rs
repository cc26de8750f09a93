//! Links that show a branch to others: what they show stays as it was, nothing else is told, and they end with what they belong to.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::{Answer, Call, Contract, Server, Visitor, control, eventually, fresh_address, stores};
use uuid::Uuid;

use crate::accounts::{call, server, sign_up, text};

/// A link, as its owner has made it.
pub struct Link {
    pub id: String,
    pub session: String,
    pub url: String,
    pub token: String,
}

impl Link {
    pub fn of(made: &Value) -> Self {
        let url = text(&made["url"]);
        let token = url.rsplit('/').next().unwrap().to_owned();
        Self { id: text(&made["id"]), session: text(&made["session_id"]), url, token }
    }

    pub fn path(&self) -> String {
        format!("/chat/sessions/{}/shares/{}", self.session, self.id)
    }
}

/// A question and its answer in a session: ids of both, and the answer.
pub async fn turn(visitor: &Visitor, session: Option<&str>, words: &str) -> (String, String, String) {
    let sent = visitor.send(session, &visitor.text(words)).await.expect(200).json();
    (text(&sent["session_id"]), text(&sent["message"]["parent_id"]), text(&sent["message"]["id"]))
}

pub async fn share(visitor: &Visitor, session: &str, leaf: &str) -> Link {
    let made = visitor.post(&format!("/chat/sessions/{session}/shares"), &json!({"leaf_id": leaf})).await;
    Link::of(&made.expect(201).json())
}

/// Somebody without a token, from an address of their own: reads are counted by it.
pub struct Reader(Server);

impl Reader {
    pub fn of(server: &Server) -> Self {
        Self(server.reached_from(fresh_address()))
    }

    pub async fn ask(&self, token: &str) -> Answer {
        self.0.send(call("GET", &format!("/shares/{token}"))).await
    }

    pub async fn page(&self, token: &str) -> Answer {
        self.page_in("*", token).await
    }

    async fn page_in(&self, languages: &str, token: &str) -> Answer {
        // Errors of a page are pages: they have no envelope.
        let path = format!("/s/{token}");
        let call = Call::new("GET", path.as_str()).header("accept-language", languages);
        let answer = self.0.send_outside_the_contract(call).await;
        Contract::the().check("GET", &path, &answer);
        answer
    }

    /// What the link shows.
    pub async fn reads(&self, link: &Link) -> Value {
        self.ask(&link.token).await.expect(200).json()
    }

    /// The link shows nothing, in either form, and says so in the reader's language.
    pub async fn finds_nothing(&self, link: &Link) {
        self.ask(&link.token).await.problem(404, "not_found");
        let page = self.page_in("tlh, de-AT;q=0.9, en;q=0.8", &link.token).await.expect(404);
        assert_eq!((page.header("content-language"), page.header("vary")), ("de", "accept-language"));
        let html = page.text();
        assert!(html.contains("<html lang=\"de\" ") && html.contains("<h1>Dieser Link zeigt nichts."), "{html}");
    }
}

pub fn said(shared: &Value) -> Vec<String> {
    shared["messages"].as_array().unwrap().iter().map(|message| text(&message["content"])).collect()
}

#[tokio::test]
async fn a_link_shows_its_branch_to_whoever_has_it_and_nothing_else() {
    let visitor = Visitor::new().await;
    let (session, first, answer) = turn(&visitor, None, "the first words").await;
    let title = json!({"title": "Walks <b>&"});
    visitor.call("PATCH", &format!("/chat/sessions/{session}"), Some(&title)).await.expect(200);
    // Another branch, and what follows in this one.
    let edited = format!("/chat/sessions/{session}/messages/{first}");
    let other = json!({"content": visitor.text("other words"), "stream": false});
    visitor.call("PUT", &edited, Some(&other)).await.expect(200);
    let follow = json!({"content": visitor.text("later words"), "stream": false, "parent_id": answer});
    visitor.post(&format!("/chat/sessions/{session}/messages"), &follow).await.expect(200);
    let made = visitor.post(&format!("/chat/sessions/{session}/shares"), &json!({"leaf_id": answer})).await.expect(201);
    assert_eq!((&made.json()["revision"], &made.json()["expires_at"]), (&json!(1), &Value::Null));
    let link = Link::of(&made.json());
    assert_eq!(URL_SAFE_NO_PAD.decode(&link.token).unwrap().len(), 24, "128 bits and their seal");

    let reader = Reader::of(visitor.server());
    let shown = reader.ask(&link.token).await.expect(200);
    let kept = visitor.messages(&session).await;
    let text_of = |id: &str| text(&kept.iter().find(|message| message["id"] == id).unwrap()["content"]);
    let shared = shown.json();
    assert_eq!(said(&shared), [text_of(&first), text_of(&answer)]);
    assert_eq!((&shared["title"], &shared["has_earlier"]), (&json!("Walks <b>&"), &json!(false)));
    assert_eq!(shared["messages"][1]["role"], "assistant");
    for (name, value) in
        [("cache-control", "public, max-age=60"), ("x-robots-tag", "noindex"), ("x-ai-generated", "true")]
    {
        assert_eq!(shown.header(name), value);
    }

    let page = reader.page(&link.token).await.expect(200);
    let html = page.text();
    assert!(html.contains("<meta property=\"og:title\" content=\"Walks &lt;b&gt;&amp;\">"), "{html}");
    assert!(html.contains("the first words") && html.contains("made by AI"), "{html}");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!((page.header("cache-control"), page.header("x-robots-tag")), ("public, max-age=60", "noindex"));
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'"));
    assert_eq!((page.header("content-language"), page.header("vary")), ("en", "accept-language"));
    let other = reader.page_in("nl,ar-EG;q=0.8,en;q=0.5", &link.token).await.expect(200);
    assert!(other.text().contains("<html lang=\"ar\" dir=\"rtl\">") && other.text().contains("the first words"));
    // The page's own files are there.
    for file in ["/page.js", "/page.css", "/theme.js"] {
        assert!(html.contains(&format!("\"{file}\"")), "{html}");
        visitor.server().send_outside_the_contract(Call::new("GET", file)).await.expect(200);
    }

    // Nothing of the other branch, nor who it is, in either form.
    let ids = kept.iter().map(|message| text(&message["id"]));
    for secret in ids.chain([session, link.id.clone()]) {
        assert!(!shown.text().contains(&secret) && !html.contains(&secret), "{secret}");
    }
    for words in ["other words", "later words"] {
        assert!(!shown.text().contains(words) && !html.contains(words), "{words}");
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_link_is_moved_under_its_address_by_who_knows_how_it_stands() {
    let visitor = Visitor::new().await;
    let (session, _, first) = turn(&visitor, None, "one").await;
    let link = share(&visitor, &session, &first).await;
    let (_, _, second) = turn(&visitor, Some(&session), "two").await;
    let reader = Reader::of(visitor.server());
    assert_eq!(said(&reader.reads(&link).await).len(), 2);

    let change = async |body: Value| visitor.call("PATCH", &link.path(), Some(&body)).await;
    let moved = change(json!({"revision": 1, "leaf_id": second})).await.expect(200).json();
    assert_eq!((&moved["url"], &moved["revision"], &moved["leaf_id"]), (&json!(link.url), &json!(2), &json!(second)));
    assert_eq!(said(&reader.reads(&link).await).len(), 4);
    change(json!({"revision": 1, "leaf_id": first})).await.problem(409, "stale_revision");
    let dated = change(json!({"revision": 2, "expires_in": 3600})).await.expect(200).json();
    assert_eq!((dated["expires_at"].is_string(), &dated["leaf_id"]), (true, &json!(second)));
    change(json!({"revision": 2, "expires_in": 60})).await.problem(409, "stale_revision");
    assert_eq!(said(&reader.reads(&link).await).len(), 4);

    for beyond in [u32::MAX, i32::MAX.unsigned_abs()] {
        change(json!({"revision": beyond, "expires_in": 60})).await.problem(409, "stale_revision");
    }
    change(json!({"revision": 3, "leaf_id": Uuid::now_v7()})).await.problem(404, "not_found");
    for (body, field) in [
        (json!({"leaf_id": first}), "revision"),
        (json!({"revision": 3, "leaf_id": "x"}), "leaf_id"),
        (json!({"revision": 3, "expires_in": 59}), "expires_in"),
        (json!({"revision": 3, "expires_in": 31_536_001}), "expires_in"),
        (json!({"revision": 3, "more": 1}), "more"),
    ] {
        assert_eq!(change(body.clone()).await.problem(400, "invalid_request")["field"], field, "{body}");
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_link_ends_when_its_time_is_over() {
    let visitor = Visitor::new().await;
    let (session, _, answer) = turn(&visitor, None, "for an hour").await;
    let shares = format!("/chat/sessions/{session}/shares");
    let made = visitor.post(&shares, &json!({"leaf_id": answer, "expires_in": 3600})).await.expect(201).json();
    let link = Link::of(&made);
    let reader = Reader::of(visitor.server());
    reader.reads(&link).await;
    stores::rows("update shares set expires_at = now() - interval '1 second' where id = $1::uuid", &[&link.id]).await;
    reader.finds_nothing(&link).await;
    let revived = visitor.call("PATCH", &link.path(), Some(&json!({"revision": 1, "expires_in": 3600}))).await;
    revived.problem(404, "not_found");
    assert_eq!(visitor.get(&shares).await.expect(200).json(), json!({"shares": []}));
    // What has ended goes with the next one that is made.
    share(&visitor, &session, &answer).await;
    let kept = "select count(*) from shares where user_id = $1::uuid";
    assert_eq!(stores::number(kept, &[&visitor.id.to_string()]).await, 1);
    for wrong in [0, 59, 31_536_001] {
        let wish = json!({"leaf_id": answer, "expires_in": wrong});
        assert_eq!(visitor.post(&shares, &wish).await.problem(400, "invalid_request")["field"], "expires_in");
    }
    visitor.leaves().await;
}

#[tokio::test]
async fn a_token_that_was_made_up_reaches_no_store() {
    let visitor = Visitor::new().await;
    let (session, _, answer) = turn(&visitor, None, "hidden").await;
    let link = share(&visitor, &session, &answer).await;
    let reader = Reader::of(visitor.server());
    let bytes = URL_SAFE_NO_PAD.decode(&link.token).unwrap();
    let hash = |bytes: &[u8]| {
        let digest = Sha256::digest(&bytes[..16]);
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let asked = async |bytes: &[u8]| control::calls("sql", &hash(bytes), visitor.since()).await.len();
    let mut other = bytes.clone();
    other[0] ^= 1;
    let mut unsealed = bytes.clone();
    unsealed[23] ^= 1;
    for made_up in [&other, &unsealed] {
        let token = URL_SAFE_NO_PAD.encode(made_up);
        let before = asked(made_up).await;
        reader.ask(&token).await.problem(404, "not_found");
        assert_eq!(reader.page(&token).await.status, 404);
        assert_eq!(asked(made_up).await, before, "no statement");
    }
    for token in ["x", "a.b", &link.id, &link.token[1..], &URL_SAFE_NO_PAD.encode(&bytes[..16])] {
        reader.ask(token).await.problem(404, "not_found");
        assert_eq!(reader.page(token).await.status, 404);
    }
    let before = asked(&bytes).await;
    reader.reads(&link).await;
    assert_eq!(asked(&bytes).await, before + 1, "one statement");
    visitor.leaves().await;
}

#[tokio::test]
async fn links_are_their_owners_alone() {
    let (owner, stranger) = (Visitor::new().await, Visitor::new().await);
    let (session, _, answer) = turn(&owner, None, "mine").await;
    let link = share(&owner, &session, &answer).await;
    let (theirs, _, leaf) = turn(&stranger, None, "theirs").await;
    let all = owner.get("/chat/shares").await.expect(200).json();
    let one = owner.get(&format!("/chat/sessions/{session}/shares")).await.expect(200).json();
    assert_eq!((&all, &all["shares"][0]["url"]), (&one, &json!(link.url)));
    assert_eq!(stranger.get("/chat/shares").await.expect(200).json(), json!({"shares": []}));
    let none = stranger.get(&format!("/chat/sessions/{session}/shares")).await.expect(200).json();
    assert_eq!(none, json!({"shares": []}));
    // Neither another's message in one's own session, nor another's link under it.
    let shares = format!("/chat/sessions/{theirs}/shares");
    stranger.post(&shares, &json!({"leaf_id": answer})).await.problem(404, "not_found");
    stranger.post(&shares, &json!({"leaf_id": leaf})).await.expect(201);
    let foreign = format!("{shares}/{}", link.id);
    stranger.call("DELETE", &foreign, None).await.problem(404, "not_found");
    stranger.call("PATCH", &foreign, Some(&json!({"revision": 1}))).await.problem(404, "not_found");
    Reader::of(owner.server()).reads(&link).await;
    owner.leaves().await;
    stranger.leaves().await;
}

#[tokio::test]
async fn links_go_along_with_who_signs_up_and_end_with_who_goes() {
    let server = server().await;
    let guest = Visitor::of(&server, "guest").await;
    let (session, _, answer) = turn(&guest, None, "to be kept").await;
    let link = share(&guest, &session, &answer).await;
    let member = sign_up(&server, Some(&guest.token)).await;
    let reader = Reader::of(&server);
    reader.reads(&link).await;
    let mine = server.send(call("GET", "/chat/shares").token(&member.token)).await.expect(200).json();
    assert_eq!(mine["shares"][0]["url"], link.url);

    let block = "update users set blocked_until = now() + interval '1 hour' where id = $1::uuid";
    stores::rows(block, &[&member.id]).await;
    reader.finds_nothing(&link).await;
    stores::rows("update users set blocked_until = null where id = $1::uuid", &[&member.id]).await;
    reader.reads(&link).await;

    let farewell = call("DELETE", "/me").token(&member.token).json(&json!({"confirm": "delete"}));
    server.send(farewell).await.expect(202);
    reader.finds_nothing(&link).await;
    eventually("the link's row is gone", || async {
        match stores::number("select count(*) from shares where id = $1::uuid", &[&link.id]).await {
            0 => Ok(()),
            left => Err(format!("{left}")),
        }
    })
    .await;
    guest.leaves().await;
}

#[tokio::test]
async fn there_are_so_many_links_and_reads() {
    let visitor = Visitor::new().await;
    let (session, _, answer) = turn(&visitor, None, "again and again").await;
    let link = share(&visitor, &session, &answer).await;
    let more = "insert into shares (id, token_hash, user_id, session_id, leaf_id)
        select gen_random_uuid(), decode(md5(random()::text) || md5(random()::text), 'hex'), user_id, session_id, leaf_id
        from shares, generate_series(2, 100) where id = $1::uuid";
    stores::rows(more, &[&link.id]).await;
    let wish = json!({"leaf_id": answer});
    let shares = format!("/chat/sessions/{session}/shares");
    assert_eq!(visitor.post(&shares, &wish).await.problem(409, "too_many_shares")["limit"], 100);
    visitor.call("DELETE", &link.path(), None).await.expect(200);
    let made = Link::of(&visitor.post(&shares, &wish).await.expect(201).json());
    assert_eq!(visitor.get("/chat/shares").await.json()["shares"].as_array().unwrap().len(), 100);
    visitor.post(&shares, &wish).await.problem(409, "too_many_shares");

    let reader = Reader::of(visitor.server());
    for _ in 0..120 {
        reader.reads(&made).await;
    }
    assert_eq!(reader.ask(&made.token).await.problem(429, "rate_limited")["limit"], 120);
    let page = reader.page(&made.token).await;
    assert_eq!((page.status, page.header("content-type")), (429, "text/html; charset=utf-8"));
    assert!((1..=60).contains(&page.number("retry-after")));
    // Others read on.
    Reader::of(visitor.server()).reads(&made).await;

    // Links that a deleted chat has taken along stand in nobody's way.
    visitor.call("DELETE", &format!("/chat/sessions/{session}"), None).await.expect(200);
    let (session, _, answer) = turn(&visitor, None, "in another chat").await;
    share(&visitor, &session, &answer).await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_reader_goes_on_with_a_branch_as_their_own_for_the_price_of_a_message() {
    let owner = Visitor::new().await;
    let (session, question, answer) = turn(&owner, None, "to go on with").await;
    let link = share(&owner, &session, &answer).await;
    let edited = format!("/chat/sessions/{session}/messages/{question}");
    let other = json!({"content": owner.text("another branch"), "stream": false});
    owner.call("PUT", &edited, Some(&other)).await.expect(200);

    let reader = Visitor::of(owner.server(), "guest").await;
    let path = format!("/shares/{}/continue", link.token);
    let made = reader.keyed("POST", &path, &json!({}), "one").await.expect(201).json();
    let own = text(&made["id"]);
    let (kept, shown) = (reader.messages(&own).await, owner.messages(&session).await);
    let texts = |messages: &[Value]| messages.iter().map(|message| text(&message["content"])).collect::<Vec<_>>();
    assert_eq!(texts(&kept), texts(&shown)[..2]);
    assert_eq!((&kept[0]["parent_id"], &kept[1]["parent_id"]), (&Value::Null, &kept[0]["id"]));
    assert_eq!((&made["title"], &kept[1]["model"]), (&json!(owner.text("to go on with")), &shown[1]["model"]));
    // No id is the owner's.
    let ids: Vec<String> = shown.iter().map(|message| text(&message["id"])).collect();
    assert!(kept.iter().all(|message| !ids.contains(&text(&message["id"]))));
    // The same wish again makes nothing, and costs nothing.
    assert_eq!(reader.keyed("POST", &path, &json!({}), "one").await.expect(201).json()["id"], json!(own));
    assert_eq!(reader.messages(&own).await, kept);
    let quota = reader.quota().await;
    assert_eq!((&quota["day"]["used"], &quota["streams"]["active"]), (&json!(1), &json!(0)));
    assert!(reader.model_calls().await.is_empty());
    // It is the reader's own: they go on in it, whatever becomes of the link.
    owner.call("DELETE", &link.path(), None).await.expect(200);
    reader.send(Some(&own), &reader.text("and then?")).await.expect(200);
    assert_eq!(reader.messages(&own).await.len(), 4);
    assert_eq!(owner.messages(&session).await, shown);

    // What shows nothing costs nothing.
    reader.post(&path, &json!({})).await.problem(404, "not_found");
    reader.post("/shares/AAAA/continue", &json!({})).await.problem(404, "not_found");
    eventually("the charge is given back", async || {
        let used = reader.used_today().await;
        if used == 2 { Ok(()) } else { Err(used.to_string()) }
    })
    .await;
    owner.server().send(call("POST", &path)).await.problem(401, "unauthenticated");
    reader.call("DELETE", &format!("/chat/sessions/{own}"), None).await.expect(200);
    reader.keyed("POST", &path, &json!({}), "one").await.problem(404, "not_found");
    reader.leaves().await;
    owner.leaves().await;
}
