//! A database of one test's own.

use std::process::Command;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection, Executor};

/// A database of one test's own, gone with it.
pub struct Scratch {
    admin: PgConnectOptions,
    name: String,
    url: String,
}

impl Scratch {
    pub async fn create(name: &str) -> Self {
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

    pub fn program(&self, words: &[&str]) -> Command {
        let mut program = Command::new(env!("CARGO_BIN_EXE_edgewise-migrate"));
        program.args(["--source", concat!(env!("CARGO_MANIFEST_DIR"), "/migrations")]);
        program.args(words).env("DATABASE_URL", &self.url);
        program
    }

    pub fn migrate(&self, words: &[&str]) {
        assert!(self.program(words).status().unwrap().success(), "edgewise-migrate {words:?}");
    }

    pub async fn connect(&self) -> PgConnection {
        self.url.parse::<PgConnectOptions>().unwrap().statement_cache_capacity(0).connect().await.unwrap()
    }

    pub async fn drop(self) {
        let mut connection = self.admin.connect().await.unwrap();
        let drop = format!("drop database {} with (force)", self.name);
        connection.execute(sqlx::AssertSqlSafe(drop)).await.unwrap();
    }
}
