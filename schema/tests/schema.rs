//! The migrations come and go without a trace, and no statement of the core reads a whole table.
//!
//! Needs a real Postgres: `DATABASE_DIRECT_URL`, with the right to create databases. `cargo xtask test` provides one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test panics"
)]

use std::collections::BTreeSet;
use std::process::Command;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Column, ConnectOptions, Connection, Executor, Row, SqlSafeStr, Statement};

/// A database of one test's own, gone with it.
struct Scratch {
    admin: PgConnectOptions,
    name: String,
    url: String,
}

impl Scratch {
    async fn create(name: &str) -> Self {
        let url = std::env::var("DATABASE_DIRECT_URL")
            .expect("DATABASE_DIRECT_URL is not set: run `cargo xtask test`, which starts a private Postgres");
        let admin: PgConnectOptions = url.parse().unwrap();
        let name = format!("edgewise_{name}_{}", std::process::id());
        let mut connection = admin.connect().await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(format!("create database {name}"))).await.unwrap();
        connection.close().await.unwrap();
        let (server, query) = url.split_once('?').map_or((url.as_str(), None), |(server, query)| (server, Some(query)));
        let (server, _) = server.rsplit_once('/').unwrap();
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        Self { admin, url: format!("{server}/{name}{query}"), name }
    }

    fn program(&self, words: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_edgewise-migrate"));
        program.args(["--source", concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")]);
        program.args(words).env("DATABASE_URL", &self.url);
        program
    }

    fn migrate(&self, words: &[&str]) {
        assert!(self.program(words).status().unwrap().success(), "edgewise-migrate {words:?}");
    }

    async fn connect(&self) -> PgConnection {
        self.url.parse::<PgConnectOptions>().unwrap().statement_cache_capacity(0).connect().await.unwrap()
    }

    async fn drop(self) {
        let mut connection = self.admin.connect().await.unwrap();
        let drop = format!("drop database {} with (force)", self.name);
        connection.execute(sqlx::AssertSqlSafe(drop)).await.unwrap();
    }
}

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

/// One argument for each placeholder of a statement, as SQL literals.
fn arguments(statement: &str) -> &'static str {
    const ID: &str = "'01900000-0000-7000-8000-000000000001'";
    match statement {
        "open_turn" => "@, @, '20', @, '2026-01-01T00:00:00Z', null",
        "begin_answer" => "@, @, 'title', @, @, 'text', @, 'model', @, null",
        "begin_session" => "@, @, 'title', @, null, 'text', @, 'model', @, '2000'",
        "begin_regeneration" => "@, @, @, @, 'model', @",
        "begin_continuation" => "@, @, @, @, '20'",
        "read_message" => "@, @, @, '2026-01-01T00:00:00Z', null",
        "fail_continuation" => "@, 'stopped', @",
        "save_progress" => "@, 'text', @",
        "finish_answer" => "@, 'text', 'complete', '5', @, '7', 'model', @, '400000000'",
        "measure_storage" => "'400000000'",
        "fail_turn" | "read_turn" | "is_session_deleted" => "@, @",
        "delete_session" => "@, @, '2026-01-01T00:00:00Z', '20', '2026-01-01T00:00:00Z', null",
        "rename_session" => "@, @, 'title', '2026-01-01T00:00:00Z', null",
        "create_session" => "@, @, 'title', '2000', '20', '450000000', '2026-01-01T00:00:00Z', null",
        "restore_session" => "@, @, '2000', '20', '20000000', '2026-01-01T00:00:00Z', null",
        "count_sessions" => "@, '2026-01-01T00:00:00Z', null",
        "register" => "@, 'jo', '\\x01', 'p', '\\x02', 'argon2id', '\\x03', @, '\\x04', 'x', '2126-01-01T00:00:00Z'",
        "read_salt" => "'jo'",
        "sign_in" => "'jo', '\\x01', 'p', @, '\\x04', 'x', '2126-01-01T00:00:00Z'",
        "reset_password" => {
            "'jo', '\\x03', '\\x01', 'p', '\\x02', 'argon2id', '\\x05', @, '\\x04', 'x', '2126-01-01T00:00:00Z', '2026-01-01T00:00:00Z'"
        }
        "refresh" => "@, '\\x01', '\\x02', '2126-01-01T00:00:00Z'",
        "log_out" => "@, '\\x01', 'true', '2026-01-01T00:00:00Z'",
        "list_devices" | "read_account" => "@, '2026-01-01T00:00:00Z', null",
        "end_device" => "@, '2026-01-01T00:00:00Z', null, @",
        "claim_guest" | "move_guest" => "@, @",
        "delete_user" => "@, '2026-01-01T00:00:00Z', @, null",
        "erase_user" => "@, '500'",
        "export_page" => "@, '2026-01-01T00:00:00Z', null, @, @, '200'",
        "list_sessions" => "@, '20', '0', '2026-01-01T00:00:00Z', null",
        "read_session" => "@, @, @, '50', '2026-01-01T00:00:00Z', null",
        _ => panic!("give {statement} its arguments ({ID} is written @)"),
    }
}

#[tokio::test]
async fn no_statement_of_the_core_reads_a_whole_table() {
    let scratch = Scratch::create("plans").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    connection
        .execute(
            "insert into users (id) select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid from generate_series(1, 5000) n;
             insert into chat_sessions (id, user_id) select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
                 ('01900000-0000-7000-8000-' || lpad((1 + n % 5000)::text, 12, '0'))::uuid from generate_series(1, 20000) n;
             insert into chat_messages (id, session_id, parent_id, role, content, status)
                 select ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid,
                 case when n <= 50000 then '01900000-0000-7000-8000-000000000001'::uuid
                      else ('01900000-0000-7000-8000-' || lpad((1 + n % 20000)::text, 12, '0'))::uuid end,
                 case when n between 2 and 50000 then ('01900000-0000-7000-8000-' || lpad((n - 1)::text, 12, '0'))::uuid end,
                 case when n % 2 = 0 then 'assistant' else 'user' end, 'text ' || n, 'complete' from generate_series(1, 100000) n;
             insert into chat_usage_daily (user_id, day) select id, date '2026-01-01' + d from users, generate_series(0, 3) d;
             insert into user_passwords (user_id, login, mac, pepper, salt, params) select id, id || '@example.org', '', '', '', '' from users;
             insert into auth_sessions (id, user_id, token_hash, expires_at) select id, id, '', now() from users;
             analyze",
        )
        .await
        .unwrap();
    for mode in ["force_generic_plan", "force_custom_plan"] {
        connection.execute(sqlx::AssertSqlSafe(format!("set plan_cache_mode = {mode}"))).await.unwrap();
        for (name, text) in infrastructure::postgres::STATEMENTS {
            let arguments = arguments(name).replace('@', "'01900000-0000-7000-8000-000000000001'");
            connection.execute(sqlx::AssertSqlSafe(format!("prepare statement as {text}"))).await.unwrap();
            let plan = connection
                .fetch_all(sqlx::AssertSqlSafe(format!("explain execute statement({arguments})")))
                .await
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            connection.execute("deallocate statement").await.unwrap();
            let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
            // One row, by its own check.
            let plan = plan.join("\n").replace("Seq Scan on chat_storage", "the row of chat_storage");
            assert!(!plan.contains("Seq Scan on"), "{name} ({mode}) reads a whole table:\n{plan}");
            assert!(
                !plan.contains("Bitmap Heap Scan on chat_messages"),
                "{name} ({mode}) collects a session's messages:\n{plan}"
            );
        }
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// The statements read an answer as dead when the constants that hang on it say so.
#[tokio::test]
async fn an_answer_is_dead_after_the_time_that_the_core_reckons_with() {
    let scratch = Scratch::create("states").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let (dead_after, moment) = (domain::DEAD_AFTER.as_millis(), 500);
    for (status, age, expected) in [
        ("streaming", dead_after - moment, "streaming"),
        ("streaming", dead_after + moment, "dead"),
        ("stopped", dead_after - moment, "stopped"),
        ("stopped", dead_after + moment, "stopped"),
        ("complete", dead_after + moment, "complete"),
    ] {
        let state = format!("select chat_message_state('{status}', now() - interval '{age} milliseconds')");
        let row = connection.fetch_one(sqlx::AssertSqlSafe(state)).await.unwrap();
        assert_eq!(row.get::<String, _>(0), expected, "{status} for {age} ms");
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// As a column of a query or a condition of it, the rule is as if it stood there.
#[tokio::test]
async fn the_rule_of_a_state_is_put_into_the_statement() {
    let scratch = Scratch::create("inlined").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let explain = "explain (verbose) select chat_message_state(status, updated_at) from chat_messages \
                   where chat_message_state(status, updated_at) = 'dead'";
    let plan = connection.fetch_all(explain).await.unwrap();
    let plan = plan.iter().map(|row| row.get::<String, _>(0)).collect::<Vec<_>>().join("\n");
    assert!(plan.contains("'00:01:00'::interval") && !plan.contains("chat_message_state"), "{plan}");
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// A column is read by its name: of two with the same one the second would never be seen.
#[tokio::test]
async fn every_column_of_a_statement_has_a_name_of_its_own() {
    let scratch = Scratch::create("names").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    for (name, text) in infrastructure::postgres::STATEMENTS {
        let statement = connection.prepare(sqlx::AssertSqlSafe(*text).into_sql_str()).await;
        let statement = statement.unwrap_or_else(|error| panic!("{name}: {error}"));
        let columns: Vec<&str> = statement.columns().iter().map(Column::name).collect();
        let names: BTreeSet<&str> = columns.iter().copied().collect();
        assert!(names.len() == columns.len() && !names.contains("?column?"), "{name}: {columns:?}");
        assert!(text.starts_with(&format!("-- {name}\n")), "{name} does not begin with its name");
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// Everything that the statements change, the moment of a change apart. A question's moment stays: it tells which try its end is of.
async fn contents(connection: &mut PgConnection) -> Vec<String> {
    let mut contents = Vec::new();
    let tables = [
        "users",
        "chat_sessions",
        "chat_messages",
        "chat_usage_daily",
        "chat_storage",
        "user_passwords",
        "auth_sessions",
    ];
    for table in tables {
        let text = format!(
            "select '{table} ' || (case when j ->> 'role' = 'user' then j else j - 'updated_at' - 'measured_at' end)::text
             from (select to_jsonb(t) j from {table} t) rows order by 1"
        );
        let rows = connection.fetch_all(sqlx::AssertSqlSafe(text)).await.unwrap();
        contents.extend(rows.iter().map(|row| row.get::<String, _>(0)));
    }
    contents
}

/// An account with a device, that has claimed a guest who still has a session; and somebody who wants to be forgotten. And a person with two sessions, one of them deleted; in the other an answer that broke off, a question that failed, and a running answer. `@7` is the id
/// that ends with 7.
const SOME: &str = "
    truncate users cascade;
    update chat_storage set bytes = 0, measured_at = '-infinity', told_on = null;
    insert into users (id) values (@1);
    insert into chat_sessions (id, user_id, title) values (@1, @1, 'one'), (@2, @1, 'two');
    update chat_sessions set deleted_at = '2026-01-01T00:00:00Z' where id = @2;
    insert into chat_messages (id, session_id, parent_id, role, content, status, run) values
        (@3, @1, null, 'user', 'asked', 'complete', null), (@4, @1, @3, 'assistant', 'said', 'interrupted', @8),
        (@5, @1, @4, 'user', 'asked', 'failed', null), (@6, @1, @5, 'assistant', '', 'streaming', @9);
    insert into users (id, role, claimed_by) values (@15, 'user', null), (@17, 'guest', @15);
    insert into user_passwords (user_id, login, mac, pepper, salt, params, recovery_mac)
        values (@15, 'jo@example.org', '\\x01', 'p', '\\x02', 'argon2id', '\\x03');
    insert into auth_sessions (id, user_id, token_hash, expires_at) values (@16, @15, '\\x06', '2126-01-01T00:00:00Z');
    insert into chat_sessions (id, user_id) values (@17, @17);
    insert into users (id, deleted_at) values (@18, '2026-01-01T00:00:00Z');
    insert into chat_sessions (id, user_id) values (@18, @18);
    insert into chat_messages (id, session_id, role, status) values (@18, @18, 'user', 'complete');
    insert into chat_usage_daily (user_id, day, messages) values (@15, '2026-01-01', 1), (@17, '2026-01-01', 2);";

/// Arguments with which a statement finds something to do there. New ids end with 10 and more.
fn arguments_for_some(statement: &str) -> &'static str {
    match statement {
        "open_turn" => "@1, @1, '20', null, '2026-01-01T00:00:00Z', null",
        "begin_answer" => "@1, @1, 'title', @10, @4, 'text', @11, 'model', @12, @3",
        "begin_session" => "@13, @14, 'title', @10, null, 'text', @11, 'model', @12, '2000'",
        "begin_regeneration" => "@1, @1, @5, @11, 'model', @12",
        "begin_continuation" => "@1, @1, @4, @12, '4'",
        "read_message" => "@1, @1, @4, '2026-01-01T00:00:00Z', null",
        "save_progress" => "@6, 'text', @9",
        "finish_answer" => "@6, 'text', 'complete', '5', @1, '7', 'model', @9, '1'",
        "measure_storage" => "'1'",
        "fail_turn" => "@5, @6",
        "fail_continuation" => "@6, 'stopped', @9",
        "read_turn" => "@5, @6",
        "is_session_deleted" => "@2, @1",
        "create_session" => "@13, @14, 'title', '2000', '20', '450000000', '2026-01-01T00:00:00Z', null",
        "count_sessions" => "@1, '2026-01-01T00:00:00Z', null",
        "register" => {
            "@10, 'al@example.org', '\\x01', 'p', '\\x02', 'argon2id', '\\x03', @11, '\\x04', 'x', '2126-01-01T00:00:00Z'"
        }
        "read_salt" => "'jo@example.org'",
        "sign_in" => "'jo@example.org', '\\x01', 'p', @11, '\\x04', 'x', '2126-01-01T00:00:00Z'",
        "reset_password" => {
            "'jo@example.org', '\\x03', '\\x01', 'p', '\\x02', 'argon2id', '\\x05', @11, '\\x04', 'x', '2126-01-01T00:00:00Z', '2026-01-01T00:00:00Z'"
        }
        "refresh" => "@16, '\\x06', '\\x07', '2126-01-01T00:00:00Z'",
        "log_out" => "@16, '\\x06', 'true', '2026-01-01T00:00:00Z'",
        "list_devices" | "read_account" => "@15, '2026-01-01T00:00:00Z', @16",
        "end_device" => "@15, '2026-01-01T00:00:00Z', null, @16",
        "claim_guest" => "@1, @15",
        "move_guest" => "@17, @15",
        "delete_user" => "@15, '2026-01-01T00:00:00Z', @16, '2020-01-01T00:00:00Z'",
        "erase_user" => "@18, '500'",
        "export_page" => "@1, '2026-01-01T00:00:00Z', null, null, null, '200'",
        "list_sessions" => "@1, '20', '0', '2026-01-01T00:00:00Z', null",
        "read_session" => "@1, @1, null, '50', '2026-01-01T00:00:00Z', null",
        "rename_session" => "@1, @1, 'title', '2026-01-01T00:00:00Z', null",
        "delete_session" => "@1, @1, '2026-01-02T00:00:00.123456Z', '20', '2026-01-01T00:00:00Z', null",
        "restore_session" => "@2, @1, '2000', '20', '20000000', '2026-01-01T00:00:00Z', null",
        _ => panic!("give {statement} its arguments"),
    }
}

/// These answer the second time that it was done before, which nobody takes for a failure.
const SAY_DONE_BEFORE: &[&str] = &["finish_answer", "fail_turn", "fail_continuation", "log_out", "end_device"];

/// Puts whole ids in the place of `@7`, the longer numbers first.
fn with_ids(text: &str) -> String {
    (1..20).rev().fold(text.to_owned(), |text, number| {
        text.replace(&format!("@{number}"), &format!("'01900000-0000-7000-8000-{number:012}'"))
    })
}

#[tokio::test]
async fn a_statement_that_is_sent_twice_changes_nothing_more_and_answers_the_same() {
    let scratch = Scratch::create("twice").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    for (name, text) in infrastructure::postgres::STATEMENTS {
        connection.execute(sqlx::AssertSqlSafe(with_ids(SOME))).await.unwrap();
        let before = contents(&mut connection).await;
        connection.execute(sqlx::AssertSqlSafe(format!("prepare statement as {text}"))).await.unwrap();
        let execute = with_ids(&format!("execute statement({})", arguments_for_some(name)));
        let mut answers = Vec::new();
        let mut states = Vec::new();
        for _ in 0..2 {
            let rows = connection.fetch_all(sqlx::AssertSqlSafe(execute.clone())).await;
            answers.push(rows.unwrap_or_else(|error| panic!("{name}: {error}")).len());
            states.push(contents(&mut connection).await);
        }
        connection.execute("deallocate statement").await.unwrap();
        assert!(answers[0] > 0, "{name} found nothing to do");
        assert_eq!(states[0], states[1], "{name}");
        let is_reading = ["open", "read", "list", "count", "is", "export"].iter().any(|word| name.starts_with(word));
        assert_eq!(is_reading, before == states[0], "{name}");
        match SAY_DONE_BEFORE.contains(name) {
            true => assert_eq!(answers[1], 0, "{name}"),
            false => assert_eq!(answers[1], answers[0], "{name}"),
        }
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// What is kept, counted anew, as the statements keep it: each conversation's, and each user's of those that are not deleted.
const MISCOUNTED: &str = "
    select 'session ' || s.id || ': ' || s.bytes as wrong from chat_sessions s
    where s.bytes <> (select coalesce(sum(chat_message_bytes(content)), 0) from chat_messages where session_id = s.id)
    union all
    select 'user ' || u.id || ': ' || u.bytes from users u
    where u.bytes <> (select coalesce(sum(bytes), 0) from chat_sessions where user_id = u.id and deleted_at is null)";

#[tokio::test]
async fn what_is_kept_is_counted_by_every_statement_and_from_the_rows_that_are_there() {
    let scratch = Scratch::create("bytes").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    for (name, text) in infrastructure::postgres::STATEMENTS {
        connection.execute(sqlx::AssertSqlSafe(with_ids(SOME))).await.unwrap();
        connection.execute(sqlx::AssertSqlSafe(format!("prepare statement as {text}"))).await.unwrap();
        let execute = with_ids(&format!("execute statement({})", arguments_for_some(name)));
        connection.execute(sqlx::AssertSqlSafe(execute)).await.unwrap();
        connection.execute("deallocate statement").await.unwrap();
        let wrong: Vec<String> = sqlx::query_scalar(MISCOUNTED).fetch_all(&mut connection).await.unwrap();
        assert_eq!(wrong, Vec::<String>::new(), "{name}");
    }
    let some = with_ids(
        "insert into chat_messages (id, session_id, role, content, status) values (@15, @2, 'user', 'grüße', 'complete')",
    );
    connection.execute(sqlx::AssertSqlSafe(with_ids(SOME))).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(some)).await.unwrap();
    let kept = "select array[u.bytes, s.bytes] from users u join chat_sessions s on s.user_id = u.id where s.deleted_at is not null";
    // "asked" twice and "said"; "grüße" in the session that is deleted.
    let row = i64::try_from(domain::ROW_BYTES).unwrap();
    let expected = vec![3 * row + 14, row + 7];
    assert_eq!(sqlx::query_scalar::<_, Vec<i64>>(kept).fetch_one(&mut connection).await.unwrap(), expected);
    scratch.migrate(&["down", "--to", "6"]);
    scratch.migrate(&["up"]);
    assert_eq!(sqlx::query_scalar::<_, Vec<i64>>(kept).fetch_one(&mut connection).await.unwrap(), expected);
    for change in [
        "update chat_sessions set deleted_at = null where id = @2",
        "update chat_messages set content = 'longer than before' where id = @4",
        "delete from chat_messages where id = @6",
        "delete from chat_sessions where id = @1",
        "delete from users",
    ] {
        connection.execute(sqlx::AssertSqlSafe(with_ids(change))).await.unwrap();
        let wrong: Vec<String> = sqlx::query_scalar(MISCOUNTED).fetch_all(&mut connection).await.unwrap();
        assert_eq!(wrong, Vec::<String>::new(), "{change}");
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// Measured once an hour; near its limit each five minutes, and told once a day.
#[tokio::test]
async fn the_database_is_measured_now_and_then_and_told_once_a_day() {
    let scratch = Scratch::create("measured").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    // Minutes since it was measured, what was found then, from where on it is nearly full, and whether that is told; whether it is measured again.
    for (minutes, found, low, tells, measures) in [
        (59, 5, i64::MAX, false, false),
        (61, 5, i64::MAX, false, true),
        (4, 5, 5, false, false),
        (6, 5, 5, true, true),
        (6, 5, 5, false, true),
        (61, 4, 5, false, true),
    ] {
        let before =
            format!("update chat_storage set bytes = {found}, measured_at = now() - interval '{minutes} minutes'");
        connection.execute(sqlx::AssertSqlSafe(before)).await.unwrap();
        let told = "select chat_storage_measured($1)";
        let told: bool = sqlx::query_scalar(told).bind(low).fetch_one(&mut connection).await.unwrap();
        let bytes: i64 = sqlx::query_scalar("select bytes from chat_storage").fetch_one(&mut connection).await.unwrap();
        assert_eq!((told, bytes > 1_000_000), (tells, measures), "{minutes} min");
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// The check of a foreign key sees what was written since the statement began, the statement does not: the client sends it again for that.
#[tokio::test]
async fn what_is_said_after_an_answer_that_is_just_taken_back_follows_its_question() {
    let scratch = Scratch::create("meanwhile").await;
    scratch.migrate(&["up"]);
    let mut teller = scratch.connect().await;
    let mut taker = scratch.connect().await;
    let execute = |connection: PgConnection, sql: String| async move {
        let mut connection = connection;
        let outcome = connection.execute(sqlx::AssertSqlSafe(sql)).await;
        (connection, outcome)
    };
    let statement = |name: &str| {
        let (_, text) = infrastructure::postgres::STATEMENTS.iter().find(|(known, _)| *known == name).unwrap();
        format!("prepare {name} as {text}")
    };
    teller.execute(sqlx::AssertSqlSafe(with_ids(SOME))).await.unwrap();
    for name in ["begin_answer", "fail_turn"] {
        teller.execute(sqlx::AssertSqlSafe(statement(name))).await.unwrap();
        taker.execute(sqlx::AssertSqlSafe(statement(name))).await.unwrap();
    }
    let say = |number: u32| {
        let ids = format!("@1, @1, 'title', @{number}, @6, 'text', @{}, 'model', @12, @5", number + 1);
        with_ids(&format!("execute begin_answer({ids})"))
    };
    let take_back = with_ids("execute fail_turn(@5, @6)");

    teller.execute("begin").await.unwrap();
    teller.execute(sqlx::AssertSqlSafe(say(15))).await.unwrap();
    let taking = tokio::spawn(execute(taker, take_back.clone()));
    let waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%fail_turn%'
        and datname = current_database()";
    let mut watcher = scratch.connect().await;
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&mut watcher).await.unwrap() == 0 {
        tokio::task::yield_now().await;
    }
    teller.execute("commit").await.unwrap();
    let (taker, outcome) = taking.await.unwrap();
    let code = outcome.unwrap_err().as_database_error().unwrap().code().unwrap().into_owned();
    assert_eq!(code, infrastructure::postgres::FOREIGN_KEY_VIOLATION);
    let (taker, again) = execute(taker, take_back).await;
    again.unwrap();
    teller.execute(sqlx::AssertSqlSafe(say(17))).await.unwrap();

    let parents = "select right(id::text, 2) || ' after ' || right(parent_id::text, 2) from chat_messages
        where role = 'user' and parent_id is not null order by 1";
    let parents: Vec<String> = sqlx::query_scalar(parents).fetch_all(&mut watcher).await.unwrap();
    assert_eq!(parents, ["05 after 04", "15 after 05", "17 after 05"]);
    for connection in [teller, taker, watcher] {
        connection.close().await.unwrap();
    }
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
