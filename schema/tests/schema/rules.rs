//! What the core and the schema both rely on: when an answer is dead, the moment that an id tells, the names of columns.

use std::collections::BTreeSet;

use sqlx::{Column, Connection, Executor, Row, SqlSafeStr, Statement};

use crate::rows::{SOME, with_ids};
use crate::scratch::Scratch;

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

/// A while is a range of ids, from its first millisecond to the one before its last. An answer that has no end yet is known, and counts for nothing else.
#[tokio::test]
async fn figures_are_of_the_messages_whose_ids_are_of_the_while() {
    let scratch = Scratch::create("while").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    connection.execute(sqlx::AssertSqlSafe(with_ids(SOME))).await.unwrap();
    let (_, text) = infrastructure::postgres::STATEMENTS.iter().find(|(name, _)| *name == "read_overview").unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("prepare statement as {text}"))).await.unwrap();
    let all = ["hour 477218: 2", "outcome interrupted: 1", "outcome stopped: 1", "running : 1"].as_slice();
    let none = ["hour 477218: 0", "running : 0"].as_slice();
    for (from, to, expected) in [("400", "401", all), ("399", "400", none), ("401", "402", none)] {
        let moment = |millis| format!("'2024-06-10T02:35:18.{millis}Z'");
        let execute = format!("execute statement({}, {}, null, null, null)", moment(from), moment(to));
        let rows = connection.fetch_all(sqlx::AssertSqlSafe(execute)).await.unwrap();
        let text = |row: &sqlx::postgres::PgRow| {
            let (part, name) = (row.get::<String, _>("part"), row.get::<Option<String>, _>("name"));
            format!("{part} {}: {}", name.unwrap_or_default(), row.get::<i64, _>("count"))
        };
        let is_of_interest = |row: &String| ["hour", "outcome", "running"].iter().any(|part| row.starts_with(part));
        let mut told: Vec<String> = rows.iter().map(text).filter(is_of_interest).collect();
        told.sort_unstable();
        assert_eq!(told, expected, "from {from} to {to}");
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// What gives messages of a session ends with the one whose text goes beyond its bytes, and says whether there are others.
#[tokio::test]
async fn pages_of_messages_have_bytes() {
    let scratch = Scratch::create("pages").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let fill = "insert into users (id) values (@1);
        insert into chat_sessions (id, user_id) values (@1, @1);
        insert into chat_messages (id, session_id, parent_id, role, status, content) select
            ('01900000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, @1, case when n > 2 then ('01900000-0000-7000-8000-' || lpad((n - 1)::text, 12, '0'))::uuid end,
            'user', case n when 4 then 'failed' else 'complete' end, repeat('é', 50) from generate_series(2, 7) n;
        insert into shares (id, token_hash, user_id, session_id, leaf_id) values (@9, '\\x0b', @1, @1, @7);";
    connection.execute(sqlx::AssertSqlSafe(with_ids(fill))).await.unwrap();
    for name in ["read_session", "open_turn", "read_share"] {
        let (_, text) = infrastructure::postgres::STATEMENTS.iter().find(|(known, _)| *known == name).unwrap();
        connection.execute(sqlx::AssertSqlSafe(format!("prepare {name} as {text}"))).await.unwrap();
    }
    let mut rows = async |execute: String| {
        connection.fetch_all(sqlx::AssertSqlSafe(with_ids(&format!("execute {execute}")))).await.unwrap()
    };
    for (most, bytes, expected, has_older) in [
        (6, 1_000, 6, 0),
        (2, 1_000, 2, 1),
        (6, 250, 3, 1),
        (3, 250, 3, 1),
        (6, 501, 6, 0),
        (6, 500, 5, 1),
        (6, 1, 1, 1),
    ] {
        let page = rows(format!("read_session(@1, @1, null, {most}, '2026-01-01T00:00:00Z', null, {bytes})")).await;
        let told = (page.len(), page.last().unwrap().get::<i32, _>("has_older"));
        assert_eq!(told, (expected, has_older), "{most} messages, {bytes} bytes");
    }
    // The last two texts, and what has failed, are read beside the others; of the latter nothing but that it is there.
    for (bytes, expected) in [(1, 3), (100, 3), (101, 5), (201, 6)] {
        let branch = rows(format!("open_turn(@1, @1, 20, null, '2026-01-01T00:00:00Z', null, {bytes})")).await;
        let texts: Vec<usize> = branch.iter().map(|row| row.get::<String, _>("content").len()).collect();
        assert_eq!(texts.len(), expected, "{bytes} bytes: {texts:?}");
        assert!(texts.iter().rev().enumerate().all(|(at, text)| *text == if at == 3 { 0 } else { 100 }), "{texts:?}");
    }
    for (known, expected) in [("null", 6), ("2", 6), ("1", 0)] {
        let shown = rows(format!("read_share('\\x0b', 200, {known})")).await;
        let messages = shown.iter().filter(|row| row.get::<Option<String>, _>("role").is_some()).count();
        assert_eq!((messages, shown[0].get::<i32, _>("revision")), (expected, 1), "{known} is known");
    }
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
