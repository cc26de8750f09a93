//! The version of a user's list of sessions: another one with each change of what the list shows, and with nothing else.

use std::collections::BTreeMap;

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor, Row};

use crate::rows::{SOME, arguments_for_some, with_ids};
use crate::scratch::Scratch;

/// What the list of each user shows, and its version.
async fn lists(connection: &mut PgConnection) -> BTreeMap<String, (String, i64)> {
    let text = "select u.id::text, coalesce((
            select string_agg(to_jsonb(s)::text, ' ' order by s.id) from (
                select id, title, model, pinned, created_at, updated_at from chat_sessions where user_id = u.id and deleted_at is null
            ) s
        ), ''), u.list_version from users u";
    let rows = connection.fetch_all(text).await.unwrap();
    rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect()
}

/// Whose lists are different. Fails unless their versions are, and no others.
fn check_told(
    before: &BTreeMap<String, (String, i64)>,
    after: &BTreeMap<String, (String, i64)>,
    what: &str,
) -> Vec<String> {
    let mut others = Vec::new();
    for (user, (list, version)) in after {
        let Some((list_before, version_before)) = before.get(user) else { continue };
        assert_eq!(list != list_before, version != version_before, "{what}: the list of {user}");
        if list != list_before {
            others.push(user.clone());
        }
    }
    others
}

async fn run(connection: &mut PgConnection, sql: &str) {
    connection.execute(sqlx::AssertSqlSafe(with_ids(sql))).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn text_of(name: &str) -> &'static str {
    infrastructure::postgres::STATEMENTS.iter().find(|(known, _)| *known == name).unwrap().1
}

#[tokio::test]
async fn each_statement_that_changes_a_list_changes_its_version_and_no_other_does() {
    let scratch = Scratch::create("listed").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let mut changing = Vec::new();
    for (name, text) in infrastructure::postgres::STATEMENTS {
        run(&mut connection, SOME).await;
        let before = lists(&mut connection).await;
        run(&mut connection, &format!("prepare statement as {text}")).await;
        run(&mut connection, &format!("execute statement({})", arguments_for_some(name))).await;
        run(&mut connection, "deallocate statement").await;
        if !check_told(&before, &lists(&mut connection).await, name).is_empty() {
            changing.push(*name);
        }
    }
    let expected = [
        "begin_answer",
        "begin_regeneration",
        "begin_continuation",
        "change_session",
        "title_session",
        "delete_session",
        "restore_session",
        "move_guest",
        "hide_idle_sessions",
    ];
    assert_eq!(changing, expected);
    connection.close().await.unwrap();
    scratch.drop().await;
}

#[tokio::test]
async fn whatever_changes_a_list_changes_its_version() {
    let scratch = Scratch::create("version").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    run(&mut connection, SOME).await;
    let mut known = lists(&mut connection).await;
    for (change, users) in [
        ("insert into chat_sessions (id, user_id) values (@25, @1)", 1),
        ("update chat_sessions set title = 'another' where id = @25", 1),
        ("update chat_sessions set model = 'model' where id = @25", 1),
        ("update chat_sessions set pinned = true where id = @25", 1),
        ("update chat_sessions set updated_at = now() where id = @25", 1),
        ("update chat_sessions set user_id = @15 where id = @25", 2),
        ("update chat_sessions set deleted_at = now() where id = @25", 1),
        ("update chat_sessions set title = 'unseen' where id = @25", 0),
        ("update chat_sessions set deleted_at = null where id = @25", 1),
        ("delete from chat_sessions where id = @25", 1),
        ("update chat_sessions set title = 'all of them'", 5),
        ("update chat_messages set content = content || ' more'", 0),
        ("update chat_messages set status = 'stopped' where id = @6", 0),
        ("delete from chat_messages where id = @6", 0),
    ] {
        run(&mut connection, change).await;
        let is = lists(&mut connection).await;
        assert_eq!(check_told(&known, &is, change).len(), users, "{change}");
        known = is;
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// Each new version of the row is an old one to be cleared away: the list's version comes with that of the bytes.
#[tokio::test]
async fn a_message_writes_the_row_of_its_user_once() {
    let scratch = Scratch::create("once").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    run(&mut connection, SOME).await;
    run(&mut connection, &format!("prepare statement as {}", text_of("begin_answer"))).await;
    run(&mut connection, "begin").await;
    let written = "select n_tup_upd from pg_stat_xact_user_tables where relname = 'users'";
    let before: i64 = sqlx::query_scalar(written).fetch_one(&mut connection).await.unwrap();
    run(&mut connection, &format!("execute statement({})", arguments_for_some("begin_answer"))).await;
    run(&mut connection, "set constraints all immediate").await;
    let after: i64 = sqlx::query_scalar(written).fetch_one(&mut connection).await.unwrap();
    assert_eq!(after - before, 1);
    run(&mut connection, "rollback").await;
    connection.close().await.unwrap();
    scratch.drop().await;
}

/// Two that lock a user's row and a session's in another order would wait for each other.
#[tokio::test]
async fn whoever_changes_a_list_waits_for_its_user_before_it_holds_the_session() {
    let scratch = Scratch::create("order").await;
    scratch.migrate(&["up"]);
    let mut holder = scratch.connect().await;
    let mut watcher = scratch.connect().await;
    for name in [
        "begin_answer",
        "begin_regeneration",
        "begin_continuation",
        "change_session",
        "title_session",
        "delete_session",
    ] {
        run(&mut holder, SOME).await;
        run(&mut holder, "begin; select from users where id = @1 for no key update").await;
        let mut other = scratch.connect().await;
        run(&mut other, &format!("prepare {name} as {}", text_of(name))).await;
        let execute = with_ids(&format!("execute {name}({})", arguments_for_some(name)));
        let changing = tokio::spawn(async move {
            let mut other = other;
            other.execute(sqlx::AssertSqlSafe(execute)).await.unwrap();
            other.close().await.unwrap();
        });
        let waiting = format!(
            "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like 'execute {name}%'
             and datname = current_database()"
        );
        let waiting = || sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(waiting.clone()));
        while waiting().fetch_one(&mut watcher).await.unwrap() == 0 {
            assert!(!changing.is_finished(), "{name} has not waited");
            tokio::task::yield_now().await;
        }
        run(&mut holder, "select from chat_sessions where id = @1 for no key update nowait").await;
        run(&mut holder, "commit").await;
        changing.await.unwrap();
    }
    for connection in [holder, watcher] {
        connection.close().await.unwrap();
    }
    scratch.drop().await;
}

/// The tag says whose page it is and which; where it is known, no session is read.
#[tokio::test]
async fn a_page_that_is_known_by_its_tag_is_not_read() {
    let scratch = Scratch::create("tags").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    run(&mut connection, SOME).await;
    run(&mut connection, &format!("prepare list as {}", text_of("list_sessions"))).await;
    let ask = |user: &str, per_page: u32, skip: u32, known: &str| {
        with_ids(&format!("execute list({user}, '{per_page}', '{skip}', '2126-01-01T00:00:00Z', null, '{known}')"))
    };
    let mut tags = Vec::new();
    for (user, per_page, skip) in
        [("@1", 20, 0), ("@1", 10, 0), ("@1", 20, 20), ("@15", 20, 0), ("@20", 20, 0), ("@28", 20, 0), ("@29", 20, 0)]
    {
        let row = connection.fetch_one(sqlx::AssertSqlSafe(ask(user, per_page, skip, ""))).await.unwrap();
        assert_eq!(row.get::<i32, _>("is_known"), 0);
        tags.push(row.get::<String, _>("tag"));
    }
    for (at, tag) in tags.iter().enumerate() {
        assert!(!tags[..at].contains(tag), "{tags:?}");
    }
    for (known, is_known) in
        [(tags[0].clone(), 1), (format!("x,{}", tags[0]), 1), ("*".to_owned(), 1), (tags[1..].join(","), 0)]
    {
        let rows = connection.fetch_all(sqlx::AssertSqlSafe(ask("@1", 20, 0, &known))).await.unwrap();
        let row = &rows[0];
        assert_eq!((rows.len(), row.get::<String, _>("tag")), (1, tags[0].clone()));
        assert_eq!((row.get::<i32, _>("is_known"), row.get::<i32, _>("session_count")), (is_known, 1));
        assert_eq!(row.get::<Option<String>, _>("title").is_none(), is_known == 1, "{known}");
    }
    // A database that was restored counts a version once more: what is newest is another then.
    run(&mut connection, "update users set list_version = 0").await;
    let one = connection.fetch_one(sqlx::AssertSqlSafe(ask("@1", 20, 0, ""))).await.unwrap().get::<String, _>("tag");
    run(&mut connection, "update chat_sessions set updated_at = updated_at + interval '1 second' where id = @1").await;
    run(&mut connection, "update users set list_version = 0").await;
    let other = connection.fetch_one(sqlx::AssertSqlSafe(ask("@1", 20, 0, ""))).await.unwrap().get::<String, _>("tag");
    assert_ne!(one, other);
    connection.close().await.unwrap();
    scratch.drop().await;
}
