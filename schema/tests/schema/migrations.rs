//! Migrations come and go, with rows there.

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor, Row};

use crate::rows::with_ids;
use crate::scratch::Scratch;

/// Every object that is ours: tables with their columns, indexes, constraints, functions, triggers.
async fn objects(connection: &mut PgConnection) -> Vec<String> {
    let rows = connection
        .fetch_all(
            "select 'column ' || table_name || '.' || column_name || ' ' || data_type || coalesce(' ' || column_default, '') as object
             from information_schema.columns where table_schema = 'public' and table_name not like '\\_sqlx%'
             union all select 'index ' || indexdef from pg_indexes where schemaname = 'public' and tablename not like '\\_sqlx%'
             union all select 'constraint ' || conrelid::regclass || ' ' || pg_get_constraintdef(c.oid) from pg_constraint c
                 join pg_namespace n on n.oid = c.connamespace where n.nspname = 'public' and conrelid::regclass::text not like '\\_sqlx%'
             union all select 'function ' || proname || ' ' || prosrc from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                 where n.nspname = 'public'
             union all select 'trigger ' || pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
             order by 1",
        )
        .await
        .unwrap();
    rows.iter().map(|row| row.get("object")).collect()
}

#[tokio::test]
async fn migrations_go_down_without_a_trace_and_up_to_the_same_again() {
    let scratch = Scratch::create("rollback").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let first = objects(&mut connection).await;
    assert!(first.iter().any(|object| object.starts_with("column chat_messages.content")), "{first:#?}");
    scratch.migrate(&["down", "--to", "0"]);
    assert_eq!(objects(&mut connection).await, Vec::<String>::new());
    scratch.migrate(&["up"]);
    assert_eq!(objects(&mut connection).await, first);
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// Every answer stays, and the checks of the version gone back to hold for all of them.
#[tokio::test]
async fn going_back_keeps_answers_whose_end_the_older_version_does_not_know() {
    let scratch = Scratch::create("ends").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let known = ["complete", "stopped", "interrupted", "failed"];
    for (number, status) in known.iter().chain(&["truncated", "filtered"]).enumerate() {
        let insert = format!(
            "insert into users (id) values (gen_random_uuid()) on conflict do nothing;
             insert into chat_sessions (id, user_id) select '01900000-0000-7000-8000-00000000000{number}', id from users limit 1;
             insert into chat_messages (id, session_id, role, content, status) values (gen_random_uuid(),
                 '01900000-0000-7000-8000-00000000000{number}', 'assistant', '{status}', '{status}')"
        );
        connection.execute(sqlx::AssertSqlSafe(insert)).await.unwrap();
    }
    scratch.migrate(&["down", "--to", "3"]);
    let rows = connection.fetch_all("select content, status from chat_messages order by session_id").await.unwrap();
    let stored: Vec<(String, String)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    let expected =
        known.map(|status| (status, status)).into_iter().chain([("truncated", "complete"), ("filtered", "complete")]);
    assert_eq!(stored, expected.map(|(text, status)| (text.to_owned(), status.to_owned())).collect::<Vec<_>>());
    assert!(connection.execute("update chat_messages set status = 'truncated'").await.is_err());
    scratch.migrate(&["up"]);
    connection.execute("update chat_messages set status = 'truncated'").await.unwrap();
    assert!(connection.execute("update chat_messages set status = 'unknown'").await.is_err());
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// Conversations stay in both directions; who was deleted is gone, and who had an account is a guest for the older version.
#[tokio::test]
async fn accounts_come_and_go_with_rows_there() {
    let scratch = Scratch::create("accounts").await;
    scratch.migrate(&["up"]);
    scratch.migrate(&["down", "--to", "6"]);
    let mut connection = scratch.connect().await;
    let older = "
        insert into users (id, role, email, password_hash) values (@1, 'guest', null, null), (@2, 'user', 'Jo@example.org', 'hash');
        insert into chat_sessions (id, user_id) values (@1, @1), (@2, @2)";
    connection.execute(sqlx::AssertSqlSafe(with_ids(older))).await.unwrap();
    scratch.migrate(&["up"]);
    let verified =
        "select count(*) from users where email_verified_at is not null and tokens_valid_after = '-infinity'";
    assert_eq!(sqlx::query_scalar::<_, i64>(verified).fetch_one(&mut connection).await.unwrap(), 1);
    let newer = "
        insert into users (id, role) values (@3, 'user'), (@4, 'admin');
        insert into user_passwords (user_id, login, mac, pepper, salt, params) values (@3, 'jo@example.org', '', '', '', '');
        insert into auth_sessions (id, user_id, token_hash, expires_at) values (@3, @3, '', now());
        insert into chat_sessions (id, user_id) values (@3, @3), (@4, @4);
        update users set claimed_by = @3, tokens_valid_after = now() where id = @1;
        update users set deleted_at = now() where id = @4";
    connection.execute(sqlx::AssertSqlSafe(with_ids(newer))).await.unwrap();
    assert!(connection.execute("update users set email = 'new@example.org' where email is null").await.is_err());
    scratch.migrate(&["down", "--to", "6"]);
    let rows = connection
        .fetch_all("select right(u.id::text, 1) || u.role || count(s.id) from users u left join chat_sessions s on s.user_id = u.id group by u.id order by u.id")
        .await
        .unwrap();
    let rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(rows, ["1guest1", "2guest1", "3guest1"]);
    scratch.migrate(&["up"]);
    connection.close().await.unwrap();
    scratch.drop().await;
}
