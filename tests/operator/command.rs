//! `xtask` as a program, the variables that it is given, and what it must never print.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};
use tests::{WHERE_THINGS_ARE, optional_variable, variable};
use tokio::process::Command;
use tokio::sync::RwLock;
use uuid::Uuid;

/// Variables of a deployment, by name.
pub type Variables = BTreeMap<String, String>;

/// Those of a set-up in order, as `setup` writes them for Spin.
pub fn in_order() -> Variables {
    let mut variables: Variables = WHERE_THINGS_ARE.iter().map(|name| ((*name).to_owned(), variable(name))).collect();
    for host in ["DATABASE_HOST", "REDIS_HOST", "MODEL_HOST"] {
        variables.insert(host.to_owned(), variable("STACK_URL"));
    }
    variables.insert("MAINTENANCE_TOKEN".to_owned(), "m".repeat(32));
    variables
}

/// What came of a command.
pub struct Ran {
    /// Whether it ended with 0.
    pub is_well: bool,
    /// All that it printed.
    pub printed: String,
}

/// A test whose fault would strike the calls of others takes it whole.
static SIDE_BY_SIDE: RwLock<()> = RwLock::const_new(());

/// Runs it beside others. See [`run`].
pub async fn xtask(words: &[&str], environment: &[(&str, &str)], secrets: &Variables) -> Ran {
    let _others = SIDE_BY_SIDE.read().await;
    run(words, environment, secrets).await
}

/// While the result lives, only [`run`] runs.
pub async fn alone() -> impl Drop {
    SIDE_BY_SIDE.write().await
}

/// Runs it with these words and variables of the environment, and none that the suite alone has. What it prints holds no secret.
pub async fn run(words: &[&str], environment: &[(&str, &str)], secrets: &Variables) -> Ran {
    let mut command = Command::new(variable("XTASK"));
    command.args(words).env_clear().envs(environment.iter().copied());
    // What a shell of any user has, and where Rust is kept if not in its usual place.
    let usual = ["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME", "EDGEWISE_RUST_LIBRARY"];
    command.envs(usual.into_iter().filter_map(|name| optional_variable(name).map(|value| (name, value))));
    let output = command.output().await.expect("xtask runs");
    let printed = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    for secret in secrets_in(secrets) {
        assert!(!printed.contains(&secret), "{words:?} prints {secret}:\n{printed}");
    }
    Ran { is_well: output.status.success(), printed }
}

/// Secrets, and the password within the database's address.
fn secrets_in(variables: &Variables) -> Vec<String> {
    let names = ["UPSTASH_REDIS_REST_TOKEN", "SAMBANOVA_API_KEY", "JWT_SECRET", "MAINTENANCE_TOKEN"];
    let mut secrets: Vec<String> = names.iter().filter_map(|name| variables.get(*name).cloned()).collect();
    secrets.extend(
        variables
            .get("DATABASE_URL")
            .and_then(|url| Some(url.split_once("://")?.1.split_once('@')?.0.split_once(':')?.1.to_owned())),
    );
    secrets
}

/// A folder that goes at the end.
pub struct Folder(PathBuf);

impl Folder {
    /// A new one.
    pub fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("edgewise-operator-{}", Uuid::new_v4()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A path in it.
    pub fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    /// A file of variables as for Spin.
    pub fn write(&self, name: &str, variables: &Variables) -> String {
        let lower: BTreeMap<String, &String> =
            variables.iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        let path = self.path(name);
        std::fs::write(&path, serde_json::to_string(&lower).unwrap()).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// One statement in the database that `url` names.
pub async fn sql(url: &str, query: &str) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.post(variable("DATABASE_HTTP_URL")).header("neon-connection-string", url);
    let answer = request.body(json!({"query": query}).to_string()).send().await.expect("an answer of /sql");
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{query}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// A database of a test's own, empty; its address, and where it is for migrations.
pub async fn database() -> (String, String) {
    let name = format!("operator_{}", Uuid::new_v4().simple());
    sql(&variable("DATABASE_URL"), &format!("create database {name}")).await;
    let named = |url: String| format!("{}/{name}", url.rsplit_once('/').expect("a path").0);
    (named(variable("DATABASE_URL")), named(variable("DATABASE_DIRECT_URL")))
}

/// The newest migration of this version.
pub fn newest_migration() -> i64 {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../schema/migrations");
    let names = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    names.map(|name| name.split('_').next().unwrap().parse().unwrap()).max().unwrap()
}

/// Where Debian keeps what moves a program's clock.
pub fn faketime() -> String {
    let folders = std::fs::read_dir("/usr/lib").unwrap().map(|folder| folder.unwrap().path());
    let found = folders.map(|folder| folder.join("faketime/libfaketime.so.1")).find(|file| file.exists());
    found.expect("libfaketime").display().to_string()
}
