//! The version before this one goes on while the schema is already of this one: its statements are kept in `tests/before`, a file for each schema
//! that was deployed, with rows as it wrote them and with what each statement answered on a schema of its own.
//!
//! Before a migration is added: `cargo test -p schema --test schema keep -- --ignored` with `DATABASE_DIRECT_URL`. A file goes when nobody runs
//! its version any more.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{Column, Connection, Executor, Row};

use crate::rows::{SOME, arguments_for_some, with_ids};
use crate::scratch::Scratch;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/before");

/// The numbers of the migrations that there are.
fn migrations() -> Vec<u32> {
    let names = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")).unwrap();
    let names = names.map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut numbers: Vec<u32> = names.map(|name| name.split('_').next().unwrap().parse().unwrap()).collect();
    numbers.sort_unstable();
    // Each has a file for up and one for down.
    numbers.dedup();
    numbers
}

/// How many rows a statement answers to these arguments, and by which names and types they are read.
async fn answer(connection: &mut PgConnection, text: &str, arguments: &str) -> Result<Value, sqlx::Error> {
    connection.execute(sqlx::AssertSqlSafe(format!("prepare statement as {text}"))).await?;
    let rows = connection.fetch_all(sqlx::AssertSqlSafe(format!("execute statement({arguments})"))).await;
    connection.execute("deallocate statement").await?;
    let rows = rows?;
    let columns = rows.first().map(Row::columns).unwrap_or_default();
    let columns: Vec<String> = columns.iter().map(|one| format!("{} {}", one.name(), one.type_info())).collect();
    Ok(json!({ "rows": rows.len(), "columns": columns }))
}

#[tokio::test]
async fn the_statements_of_the_version_before_answer_as_they_did() {
    let files: Vec<PathBuf> = fs::read_dir(FOLDER).unwrap().map(|file| file.unwrap().path()).collect();
    // The one just before the newest, not any: what was not kept before a migration cannot be kept after it.
    let before = migrations().into_iter().rev().nth(1);
    let number = |file: &PathBuf| file.file_stem().unwrap().to_string_lossy().parse::<u32>().ok();
    assert!(files.iter().any(|file| number(file) == before), "version {before:?} is not kept in {files:?}");
    let scratch = Scratch::create("before").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let mut broken = Vec::new();
    for file in files {
        let kept: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        for statement in kept["statements"].as_array().unwrap() {
            let text = |part: &str| statement[part].as_str().unwrap().to_owned();
            connection.execute(sqlx::AssertSqlSafe(kept["some"].as_str().unwrap().to_owned())).await.unwrap();
            let is = answer(&mut connection, &text("text"), &text("arguments")).await;
            if !is.as_ref().is_ok_and(|is| *is == statement["answer"]) {
                broken.push(format!("{} of {}: {is:?}, and was {}", text("name"), file.display(), statement["answer"]));
            }
        }
    }
    assert!(broken.is_empty(), "the version before breaks with this schema:\n{}", broken.join("\n"));
    connection.close().await.unwrap();
    scratch.drop().await;
}

#[tokio::test]
#[ignore = "writes a file: run before a migration is added"]
async fn keep() {
    let scratch = Scratch::create("keep").await;
    scratch.migrate(&["up"]);
    let mut connection = scratch.connect().await;
    let mut statements = Vec::new();
    for (name, text) in infrastructure::postgres::STATEMENTS {
        connection.execute(sqlx::AssertSqlSafe(with_ids(SOME))).await.unwrap();
        let arguments = with_ids(arguments_for_some(name));
        let answer = answer(&mut connection, text, &arguments).await.unwrap_or_else(|error| panic!("{name}: {error}"));
        statements.push(json!({ "name": name, "arguments": arguments, "answer": answer, "text": text }));
    }
    connection.close().await.unwrap();
    scratch.drop().await;
    let file = format!("{FOLDER}/{:04}.json", migrations().pop().unwrap());
    fs::create_dir_all(FOLDER).unwrap();
    let kept = json!({ "some": with_ids(SOME), "statements": statements });
    fs::write(file, serde_json::to_string_pretty(&kept).unwrap() + "\n").unwrap();
}
