//! A stack and a server that one test has to itself: what is said of everybody there is said of its own visitors.

use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;

use serde_json::Value;
use uuid::Uuid;

use crate::environment::elsewhere;
use crate::{Server, optional_variable, stores, variable};

/// What the suites' own server is told, and this one must not be.
const OF_THE_SUITES: [&str; 5] = [
    "DATABASE_HTTP_URL",
    "UPSTASH_REDIS_REST_URL",
    "UPSTASH_REDIS_REST_TOKEN",
    "SAMBANOVA_API_BASE",
    "SAMBANOVA_API_KEY",
];

/// A server on stores of its own, of the round's kinds, with a model of its own. All of it ends when this goes.
pub struct World {
    server: Server,
    variables: BTreeMap<String, String>,
    _folder: Folder,
}

impl World {
    /// Starts it with these variables on top. Of real stores it takes a new database, and Redis' second one: one test of a run may have it.
    pub async fn started_with(more: &[(&str, &str)]) -> Self {
        let folder = Folder(std::env::temp_dir().join(format!("edgewise-world-{}", Uuid::new_v4())));
        let spin = if variable("DEV_COMMAND").contains(" dev --spin ") { " --spin" } else { "" };
        let (xtask, data) = (variable("XTASK"), folder.0.display());
        let words = format!("exec '{xtask}' dev{spin} --listen 127.0.0.1:0 --skip-build --control --data-dir '{data}'");
        let (database, redis) = match optional_variable("REDIS_DIRECT_URL") {
            Some(redis) => (new_database().await, format!("{}/1", redis.trim_end_matches('/'))),
            None => (String::new(), String::new()),
        };
        let mut variables: Vec<(&str, &str)> = OF_THE_SUITES.map(|name| (name, "")).to_vec();
        variables.extend([("DATABASE_URL", database.as_str()), ("REDIS_URL", redis.as_str())]);
        variables.extend(more);
        let server = Server::started_by(&words, "ready ", &variables).await;
        let written = std::fs::read_to_string(folder.0.join("dev.json")).expect("dev.json");
        let written: Value = serde_json::from_str(&written).expect("JSON");
        let told = |name: &str| written["stack"][name].as_str().expect("of the stack").to_owned();
        let variables = [
            ("BASE_URL", server.base().to_owned()),
            ("STACK_URL", told("base")),
            ("STACK_DATABASE_URL", told("database_url")),
            ("STACK_REDIS_TOKEN", told("redis_token")),
        ];
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self { server, variables, _folder: folder }
    }

    /// Its server.
    pub fn server(&self) -> &Server {
        &self.server
    }

    /// Does `work` with this world's stack and stores in the place of the suites'. What `work` spawns is not in it.
    pub async fn holds<T>(&self, work: impl Future<Output = T>) -> T {
        elsewhere(self.variables.clone(), work).await
    }
}

/// Where an empty database of the real Postgres is.
async fn new_database() -> String {
    let name = format!("world_{}", Uuid::new_v4().simple());
    stores::rows(&format!("create database {name}"), &[]).await;
    format!("{}/{name}", variable("DATABASE_DIRECT_URL").rsplit_once('/').expect("a path").0)
}

/// A folder that goes at the end.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
