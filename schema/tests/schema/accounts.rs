//! Who may call, and who is an admin.

use sqlx::{Connection, Executor};

use crate::rows::{SOME, with_ids};
use crate::scratch::Scratch;

/// The caller of a statement is refused by the codes that the client of the core knows.
#[tokio::test]
async fn a_token_ends_with_its_claim_its_device_its_moment_or_its_user() {
    let scratch = Scratch::create("callers").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let some = "
        insert into users (id, role) values (@1, 'user'), (@3, 'user'), (@4, 'user'), (@5, 'user');
        insert into users (id, claimed_by) values (@2, @1);
        insert into auth_sessions (id, user_id, token_hash, expires_at) values (@8, @1, '', now());
        update users set tokens_valid_after = '2026-01-01T00:00:01Z' where id = @3;
        update users set deleted_at = now() where id = @4;
        update users set blocked_until = now() + interval '1 hour' where id = @5";
    connection.execute(sqlx::AssertSqlSafe(with_ids(some))).await.unwrap();
    let issued = "'2026-01-01T00:00:00Z'";
    for (arguments, expected) in [
        (format!("@1, {issued}, @8"), None),
        (format!("@1, {issued}, null"), None),
        ("@1, null, null".to_owned(), None),
        (format!("@9, {issued}, null"), None),
        (format!("@9, {issued}, @8"), Some("EW002")),
        (format!("@1, {issued}, @9"), Some("EW002")),
        (format!("@2, {issued}, null"), Some("EW001")),
        (format!("@3, {issued}, null"), Some("EW002")),
        ("@3, null, null".to_owned(), Some("EW002")),
        ("@3, '2026-01-01T00:00:01Z', null".to_owned(), None),
        (format!("@4, {issued}, null"), Some("EW002")),
        (format!("@5, {issued}, null"), Some("EW003")),
    ] {
        let select = with_ids(&format!("select chat_caller({arguments})"));
        let outcome = connection.fetch_one(sqlx::AssertSqlSafe(select)).await;
        let code = outcome.err().map(|error| error.as_database_error().unwrap().code().unwrap().into_owned());
        assert_eq!(code.as_deref(), expected, "{arguments}");
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}

#[tokio::test]
async fn an_operator_makes_admins_by_login_address_or_id_and_their_tokens_end_with_it() {
    let scratch = Scratch::create("admins").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    connection.execute(sqlx::AssertSqlSafe(with_ids(SOME))).await.unwrap();
    let known = with_ids("update users set email = 'jo@verified.example', email_verified_at = now() where id = @15");
    connection.execute(sqlx::AssertSqlSafe(known)).await.unwrap();
    let stands =
        with_ids("select role || (tokens_valid_after > now() - interval '1 minute')::text from users where id = @15");
    for account in ["Jo@Example.org", "jo@verified.example", with_ids("@15").trim_matches('\'')] {
        let mut told = Vec::new();
        for words in [["admin", "grant", account].as_slice(), &["admin", "list"], &["admin", "revoke", account]] {
            scratch.migrate(words);
            told.push(
                sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(stands.clone()))
                    .fetch_one(&mut connection)
                    .await
                    .unwrap(),
            );
        }
        assert_eq!(told[2], "usertrue", "{account}");
        assert!(told[0].starts_with("admin") && told[0] == told[1], "{account}: {told:?}");
    }
    // A guest is no account.
    let nobody = with_ids("@1");
    let refused = scratch.program(&["admin", "grant", nobody.trim_matches('\'')]).status().unwrap();
    assert!(!refused.success());
    connection.close().await.unwrap();
    scratch.drop().await;
}
