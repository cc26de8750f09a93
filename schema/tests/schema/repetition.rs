//! A statement that is executed twice, or beside another.

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};

use crate::rows::{SOME, arguments_for_some, contents, with_ids};
use crate::scratch::Scratch;

/// These answer the second time that it was done before, which nobody takes for a failure.
const SAY_DONE_BEFORE: &[&str] = &["finish_answer", "fail_turn", "fail_continuation", "log_out", "end_device"];

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
        let is_reading =
            ["open", "read", "list", "count", "is", "export", "search"].iter().any(|word| name.starts_with(word));
        assert_eq!(is_reading, before == states[0], "{name}");
        match SAY_DONE_BEFORE.contains(name) {
            true => assert_eq!(answers[1], 0, "{name}"),
            false => assert_eq!(answers[1], answers[0], "{name}"),
        }
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
        let ids = format!("@1, @1, 'title', @{number}, @6, 'text', @{}, 'model', @12, @5, null", number + 1);
        with_ids(&format!("execute begin_answer({ids})"))
    };
    let take_back = with_ids("execute fail_turn(@5, @6, 'provider_error')");

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
