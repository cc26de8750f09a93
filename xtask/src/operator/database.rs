//! The database, asked over `/sql` as the functions ask it: whether it is there, who it takes us for, and which schema it has.

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;
use url::Url;
use wire::neon::sql_endpoint;

use super::call::{Call, Reply, host_of};
use super::clock::Clocks;
use super::fault::Fault;
use super::given::Given;
use crate::project::Project;

/// Its address, and whom it is for.
const ADDRESS: &str = "DATABASE_URL";

/// Where `/sql` is, if elsewhere.
const GATEWAY: &str = "DATABASE_HTTP_URL";

/// Neon's words for an endpoint that is not in the region, or not at all.
const NO_ENDPOINT: &str = "endpoint could not be found";

/// Which migrations this version has: the newest one's number.
pub fn newest_migration(project: &Project) -> Result<i64> {
    let files = std::fs::read_dir(project.path("schema/migrations")).context("reading schema/migrations")?;
    let names = files.filter_map(|file| Some(file.ok()?.file_name().to_string_lossy().into_owned()));
    let numbers = names.filter_map(|name| name.split('_').next()?.parse::<i64>().ok());
    numbers.max().context("schema/migrations is empty")
}

/// A database that answers, and what there is to say of its schema.
pub struct Database {
    /// Who it is.
    pub words: String,
    /// What is wrong with the schema.
    pub schema: Option<Fault>,
}

/// Asks it. `needed`: the schema of this version.
pub fn check(given: &Given, needed: i64, clocks: &mut Clocks) -> Result<Database, Fault> {
    let version = rows(given, "select current_setting('server_version'), to_regclass('_sqlx_migrations')", clocks)?;
    let first = version.first().cloned().unwrap_or_default();
    let text = |at: usize| first.get(at).cloned().flatten();
    let server = text(0).unwrap_or_default();
    let schema = match text(1) {
        None => Some(Fault::NoSchema { needed }),
        Some(_) => {
            schema(&rows(given, "select version, success from _sqlx_migrations order by version", clocks)?, needed)
        }
    };
    let host = endpoint(given).and_then(|endpoint| host_of(&endpoint)).unwrap_or_default();
    Ok(Database { words: format!("database: PostgreSQL {server} by {host}"), schema })
}

/// What the table of migrations says.
fn schema(rows: &[Row], needed: i64) -> Option<Fault> {
    let cell = |row: &Row, at: usize| row.get(at).cloned().flatten().unwrap_or_default();
    let number = |row: &Row| cell(row, 0).parse::<i64>().unwrap_or_default();
    if let Some(row) = rows.iter().find(|row| !cell(row, 1).starts_with('t')) {
        return Some(Fault::HalfMigrated { version: number(row) });
    }
    match rows.iter().map(number).max() {
        None => Some(Fault::NoSchema { needed }),
        Some(found) if found < needed => Some(Fault::OlderSchema { found, needed }),
        Some(found) if needed < found => Some(Fault::NewerSchema { found, needed }),
        Some(_) => None,
    }
}

/// Values as text; `None` is null.
type Row = Vec<Option<String>>;

#[derive(Deserialize)]
struct Answer {
    rows: Vec<Row>,
}

/// One statement, by Neon's protocol.
fn rows(given: &Given, query: &str, clocks: &mut Clocks) -> Result<Vec<Row>, Fault> {
    let address = given.get(ADDRESS);
    if address.is_empty() {
        return Err(Fault::Missing { name: ADDRESS.to_owned() });
    }
    let rule = "is not postgres://user:password@host/database";
    let malformed = |name: &str| Fault::Malformed { name: name.to_owned(), rule: rule.to_owned() };
    let url = Url::parse(address).ok().filter(|url| url.host_str().is_some()).ok_or_else(|| malformed(ADDRESS))?;
    let endpoint = endpoint(given).ok_or_else(|| malformed(ADDRESS))?;
    let name = if given.get(GATEWAY).is_empty() { ADDRESS } else { GATEWAY };
    let call = Call {
        method: "POST",
        url: &endpoint,
        headers: &[("neon-connection-string", address), ("neon-raw-text-output", "true"), ("neon-array-mode", "true")],
        body: Some(json!({ "query": query, "params": [] }).to_string()),
        name,
    };
    let reply = call.send()?;
    clocks.vendor(&reply);
    match serde_json::from_str::<Answer>(&reply.body) {
        Ok(answer) if reply.status == 200 => Ok(answer.rows),
        _ => Err(refused(given, &url, &endpoint, name, &reply)),
    }
}

fn refused(given: &Given, url: &Url, endpoint: &str, name: &str, reply: &Reply) -> Fault {
    let error = reply.json();
    let text = |field: &str| error.get(field).and_then(|text| text.as_str()).unwrap_or_default();
    let words = text("message");
    let host = url.host_str().unwrap_or_default().to_owned();
    match text("code") {
        "28P01" => Fault::WrongPassword { user: url.username().to_owned() },
        _ if words.contains("password authentication failed") => {
            Fault::WrongPassword { user: url.username().to_owned() }
        }
        _ if words.contains(NO_ENDPOINT) => Fault::NotAtThisHost { host },
        "3D000" => Fault::NoDatabase { name: url.path().trim_start_matches('/').to_owned() },
        _ => Fault::Unexpected {
            name: name.to_owned(),
            host: host_of(endpoint).unwrap_or_default(),
            status: reply.status,
            words: given.shown(if words.is_empty() { "and no rows" } else { words }),
        },
    }
}

fn endpoint(given: &Given) -> Option<String> {
    match given.get(GATEWAY) {
        "" => sql_endpoint(given.get(ADDRESS)).ok(),
        gateway => Some(gateway.to_owned()),
    }
}

/// The address for migrations: Neon's pooler has a host of its own beside each endpoint's.
pub fn unpooled(address: &str) -> String {
    let is_pooled = host_of(address).is_some_and(|host| host.ends_with(".neon.tech") && host.contains("-pooler."));
    if is_pooled { address.replacen("-pooler.", ".", 1) } else { address.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(version: &str, success: &str) -> Row {
        vec![Some(version.to_owned()), Some(success.to_owned())]
    }

    #[test]
    fn the_table_of_migrations_tells_the_schemas_age() {
        assert_eq!(schema(&[row("1", "t"), row("2", "true")], 2), None);
        assert_eq!(schema(&[], 2), Some(Fault::NoSchema { needed: 2 }));
        assert_eq!(schema(&[row("1", "t")], 2), Some(Fault::OlderSchema { found: 1, needed: 2 }));
        assert_eq!(schema(&[row("2", "t"), row("3", "t")], 2), Some(Fault::NewerSchema { found: 3, needed: 2 }));
        assert_eq!(schema(&[row("1", "t"), row("2", "f")], 2), Some(Fault::HalfMigrated { version: 2 }));
    }

    #[test]
    fn a_databases_host_leads_to_the_api_of_its_region() {
        let endpoint = |address| sql_endpoint(address).ok();
        let expected = Some("https://api.eu-central-1.aws.neon.tech/sql".to_owned());
        assert_eq!(endpoint("postgres://u:p@ep-x-pooler.eu-central-1.aws.neon.tech/db?sslmode=require"), expected);
        assert_eq!(endpoint("postgres://u:p@localhost/db"), None);
        assert_eq!(endpoint("https://host.example/sql"), None);
    }

    #[test]
    fn migrations_go_around_neons_pooler() {
        let pooled = "postgres://u:p@ep-x-pooler.eu-central-1.aws.neon.tech/db";
        assert_eq!(unpooled(pooled), "postgres://u:p@ep-x.eu-central-1.aws.neon.tech/db");
        assert_eq!(unpooled("postgres://u:p@a-pooler.example/db"), "postgres://u:p@a-pooler.example/db");
    }
}
