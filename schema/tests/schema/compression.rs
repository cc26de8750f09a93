//! What another compression of messages would save. It would save next to nothing, so the schema keeps Postgres' own (docs/performance.md).

use std::fs;

use sqlx::postgres::PgConnection;
use sqlx::{Connection, Executor};

use crate::rows::with_ids;
use crate::scratch::Scratch;

/// Questions, each with its answer.
const TURNS: usize = 2_000;
/// How long answers are, in bytes: as many of each.
const LENGTHS: [usize; 6] = [300, 800, 1_500, 2_500, 4_000, 8_000];
/// Of the bytes of a turn: less is not worth a schema that the embedded Postgres, which has no lz4, cannot have.
const WORTH_IT: f64 = 0.05;

/// Prose, lists, tables and code, as models write them: the paragraphs of these documents.
fn paragraphs() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|kind| kind == "md"));
    files.sort();
    let texts = files.iter().map(|file| fs::read_to_string(file).unwrap());
    texts.flat_map(|text| text.split("\n\n").map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Paragraphs from here on, a different walk through them for each turn, until they are this long.
fn text(paragraphs: &[String], turn: usize, bytes: usize) -> String {
    let mut text = String::new();
    for step in 0.. {
        if text.len() >= bytes {
            break;
        }
        text.push_str(&paragraphs[(turn * 7 + step * (turn % 97 + 1)) % paragraphs.len()]);
        text.push_str("\n\n");
    }
    text.truncate(text.floor_char_boundary(bytes));
    text
}

/// The bytes that the table and its indexes have for one turn.
async fn bytes_a_turn(connection: &mut PgConnection, settings: &str, turns: &[(String, String)]) -> f64 {
    let begin = with_ids(
        "truncate users cascade; insert into users (id) values (@1); insert into chat_sessions (id, user_id) values (@1, @1)",
    );
    connection.execute(sqlx::AssertSqlSafe(begin)).await.unwrap();
    connection.execute(sqlx::AssertSqlSafe(format!("alter table chat_messages {settings}"))).await.unwrap();
    let insert = with_ids(
        "insert into chat_messages (id, session_id, role, content, status)
         select gen_random_uuid(), @1, role, content, 'complete'
         from unnest($1::text[], $2::text[]) turn(question, answer), lateral (values ('user', question), ('assistant', answer)) said(role, content)",
    );
    let (questions, answers): (Vec<&str>, Vec<&str>) =
        turns.iter().map(|(question, answer)| (question.as_str(), answer.as_str())).unzip();
    sqlx::query(sqlx::AssertSqlSafe(insert)).bind(questions).bind(answers).execute(&mut *connection).await.unwrap();
    let size = "select pg_total_relation_size('chat_messages')";
    let bytes = sqlx::query_scalar::<_, i64>(size).fetch_one(connection).await.unwrap();
    f64::from(u32::try_from(bytes).unwrap()) / f64::from(u32::try_from(turns.len()).unwrap())
}

#[tokio::test]
async fn another_compression_saves_too_little_to_have_it() {
    let scratch = Scratch::create("compression").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let paragraphs = paragraphs();
    let turns: Vec<(String, String)> = (0..TURNS)
        .map(|turn| {
            let question = text(&paragraphs, turn + TURNS, 20 + turn * 37 % 280);
            (question, text(&paragraphs, turn, LENGTHS[turn % LENGTHS.len()]))
        })
        .collect();
    let mut all = Vec::new();
    for settings in [
        "alter content set compression pglz, reset (toast_tuple_target)",
        "alter content set compression lz4, reset (toast_tuple_target)",
        "alter content set compression lz4, set (toast_tuple_target = 256)",
    ] {
        let bytes = bytes_a_turn(&mut connection, settings, &turns).await;
        println!("{bytes:>7.0} bytes a turn: {settings}");
        all.push(bytes);
    }
    let is = all[0];
    for other in &all[1..] {
        assert!(*other > is * (1.0 - WORTH_IT), "lz4 has become worth a migration: {all:?}");
    }
    connection.close().await.unwrap();
    scratch.drop().await;
}
