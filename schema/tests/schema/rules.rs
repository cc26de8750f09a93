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
