//! Bytes that are kept: each user's, each session's, and the whole database's.

use sqlx::{Connection, Executor};

use crate::rows::{SOME, arguments_for_some, with_ids};
use crate::scratch::Scratch;

/// What is kept, counted anew, as the statements keep it: each conversation's, and each user's of those that are not deleted.
pub const MISCOUNTED: &str = "
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
