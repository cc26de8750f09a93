//! Which variables the functions get: the environment's, else those of the local stack, else wrangler.toml's.
//!
//! A variable that is set to the empty text is as one that is not set.

use std::collections::BTreeMap;
use std::env;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use anyhow::{Context, Result};
use url::Url;

use super::config::WorkerConfig;
use super::stack::{Database, Fronts, StackInfo};
use super::write_private;

/// What the functions get, by name.
pub type Variables = BTreeMap<String, String>;

/// For tests: names of variables, between commas, that the functions shall lack whatever else is set.
const WITHOUT: &str = "EDGEWISE_WITHOUT";

/// The part of `dev`'s environment that concerns the functions or the local stack. No value in it is empty.
pub struct Environment {
    set: Variables,
    without: Vec<String>,
}

impl Environment {
    /// The environment of this process.
    pub fn read(config: &WorkerConfig) -> Self {
        let names = config.names().chain(["REDIS_URL", WITHOUT]);
        Self::of(names.filter_map(|name| Some((name.to_owned(), env::var(name).ok()?))))
    }

    fn of(set: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut set: Variables = set.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let without = set.remove(WITHOUT).unwrap_or_default();
        Self { set, without: without.split(',').map(str::to_owned).collect() }
    }

    /// Where the conversations are kept.
    pub fn database(&self) -> Database<'_> {
        match self.given("DATABASE_URL") {
            _ if self.given("DATABASE_HTTP_URL").is_some() => Database::Fronted,
            Some(url) if is_at_neon(url) => Database::Hosted { url },
            url => Database::Stack { url },
        }
    }

    /// What the local stack shall stand in front of.
    pub fn fronts(&self) -> Fronts<'_> {
        Fronts { database: self.database(), redis_url: self.given("REDIS_URL") }
    }

    /// Whether anything is left for the local stack to do.
    pub fn needs_stack(&self) -> bool {
        matches!(self.database(), Database::Stack { .. }) || !self.has_counters() || !self.has_model()
    }

    fn has_counters(&self) -> bool {
        self.given("UPSTASH_REDIS_REST_URL").is_some()
    }

    /// A model is named by its key, or by its address alone (a server that asks for no key).
    fn has_model(&self) -> bool {
        self.given("SAMBANOVA_API_KEY").or(self.given("SAMBANOVA_API_BASE")).is_some()
    }

    /// Everything the functions get.
    pub fn variables(&self, config: &WorkerConfig, stack: Option<&StackInfo>, data: &Path) -> Result<Variables> {
        let mut variables: Variables =
            config.variables().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))).collect();
        let mut set = |name: &str, value: &str| variables.insert(name.to_owned(), value.to_owned());
        set("FEATURE_CHAT_ENABLED", "true");
        set("JWT_SECRET", &secret(&data.join("jwt-secret"))?);
        if let Some(stack) = stack {
            if let Some(url) = &stack.database_url {
                set("DATABASE_URL", url);
                set("DATABASE_HTTP_URL", &format!("{}/sql", stack.base));
            }
            if !self.has_counters() {
                set("UPSTASH_REDIS_REST_URL", &format!("{}/redis", stack.base));
                set("UPSTASH_REDIS_REST_TOKEN", &stack.redis_token);
            }
            if !self.has_model() {
                set("SAMBANOVA_API_BASE", &format!("{}/v1", stack.base));
                set("SAMBANOVA_API_KEY", &stack.model_key);
                // It costs nothing.
                set("CHAT_DAILY_BUDGET_USD", "0");
                set("GUEST_CHALLENGE", "off");
            }
        }
        let fronted_by_stack = stack.is_some_and(|stack| stack.database_url.is_some());
        for (name, value) in &self.set {
            // The real address went to the stack; the functions get the stack's.
            let is_the_stacks = name == "REDIS_URL" || (name == "DATABASE_URL" && fronted_by_stack);
            if !is_the_stacks {
                variables.insert(name.clone(), value.clone());
            }
        }
        variables.retain(|name, value| !value.is_empty() && !self.without.contains(name));
        Ok(variables)
    }

    /// Has mail kept by the local stack, where accounts can use it and the environment names no host of it: its links lead to `PUBLIC_ORIGIN`.
    pub fn add_mail(&self, variables: &mut Variables, stack: &StackInfo) {
        let has_accounts = variables.get("ACCOUNTS_ENABLED").is_some_and(|is_on| is_on == "true");
        let is_wanted = self.given("MAIL_API_URL").is_none() && !self.without.iter().any(|name| name == "MAIL_API_URL");
        if !has_accounts || !is_wanted || !variables.contains_key("PUBLIC_ORIGIN") {
            return;
        }
        for (name, value) in [
            ("MAIL_API_URL", format!("{}/mail/emails", stack.base)),
            ("MAIL_API_TOKEN", stack.mail_token.clone()),
            ("MAIL_FROM", "Edgewise <edgewise@localhost>".to_owned()),
        ] {
            variables.insert(name.to_owned(), value);
        }
    }

    fn given(&self, name: &str) -> Option<&str> {
        self.set.get(name).map(String::as_str)
    }
}

fn is_at_neon(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| url.host_str().is_some_and(|host| host.ends_with(".neon.tech")))
}

/// The secret that signs tokens on this machine: 32 random bytes, made once, so that guests stay who they are.
fn secret(path: &Path) -> Result<String> {
    if let Ok(known) = fs::read_to_string(path) {
        return Ok(known);
    }
    let text = random_secret()?;
    write_private(path, &text)?;
    Ok(text)
}

/// 32 random bytes as 64 digits.
pub fn random_secret() -> Result<String> {
    let mut bytes = [0_u8; 32];
    File::open("/dev/urandom").and_then(|mut random| random.read_exact(&mut bytes)).context("reading /dev/urandom")?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn environment(set: &[(&str, &str)]) -> Environment {
        Environment::of(set.iter().map(|(name, value)| (name.to_string(), value.to_string())))
    }

    const CONFIG: &str = r#"
        name = "x"
        compatibility_date = "2026-01-01"
        [assets]
        directory = "d"
        not_found_handling = "none"
        binding = "ASSETS"
        run_worker_first = ["/api/*"]
        [vars]
        FEATURE_CHAT_ENABLED = "false"
        LOG_LEVEL = "info"
        DATABASE_HTTP_URL = ""
        SAMBANOVA_API_BASE = "https://model.example/v1"
        UPSTASH_REDIS_REST_URL = ""
        [secrets]
        required = ["DATABASE_URL", "JWT_SECRET", "SAMBANOVA_API_KEY", "UPSTASH_REDIS_REST_TOKEN"]
    "#;

    fn variables(set: &[(&str, &str)]) -> Variables {
        let config = WorkerConfig::parse(CONFIG).unwrap();
        let stack = StackInfo {
            base: "http://127.0.0.1:1".into(),
            database_url: Some("postgres://stack".into()),
            database_direct_url: Some("postgres://direct".into()),
            redis_token: "token".into(),
            redis_read_only_token: "reads".into(),
            model_key: "key".into(),
            mail_token: "mail".into(),
        };
        static FOLDERS: AtomicUsize = AtomicUsize::new(0);
        let folder = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let data = env::temp_dir().join(format!("edgewise-variables-{}-{folder}", std::process::id()));
        fs::create_dir_all(&data).unwrap();
        let variables = environment(set).variables(&config, Some(&stack), &data).unwrap();
        fs::remove_dir_all(&data).unwrap();
        variables
    }

    #[test]
    fn a_first_run_is_all_on_the_stack() {
        let variables = variables(&[]);
        assert_eq!(variables["FEATURE_CHAT_ENABLED"], "true");
        assert_eq!(variables["DATABASE_URL"], "postgres://stack");
        assert_eq!(variables["DATABASE_HTTP_URL"], "http://127.0.0.1:1/sql");
        assert_eq!(variables["UPSTASH_REDIS_REST_TOKEN"], "token");
        assert_eq!(variables["SAMBANOVA_API_BASE"], "http://127.0.0.1:1/v1");
        assert_eq!(variables["LOG_LEVEL"], "info");
        assert_eq!(variables["JWT_SECRET"].len(), 64);
    }

    #[test]
    fn a_key_switches_the_model_and_nothing_else() {
        let variables = variables(&[("SAMBANOVA_API_KEY", "real")]);
        assert_eq!(variables["SAMBANOVA_API_BASE"], "https://model.example/v1");
        assert_eq!(variables["SAMBANOVA_API_KEY"], "real");
        assert_eq!(variables["DATABASE_URL"], "postgres://stack");
    }

    #[test]
    fn the_empty_text_is_as_nothing_set() {
        let config = WorkerConfig::parse(CONFIG).unwrap();
        let nothing = variables(&[]);
        for name in config.names().chain(["REDIS_URL"]) {
            let with_empty = variables(&[(name, "")]);
            for (known, value) in &nothing {
                // Each folder of data has a secret of its own.
                let is_same = known == "JWT_SECRET" || with_empty.get(known) == Some(value);
                assert!(is_same, "{name}: {known} is {:?}", with_empty.get(known));
            }
            assert_eq!(with_empty.len(), nothing.len(), "{name}");
            assert!(environment(&[(name, "")]).needs_stack(), "{name}");
        }
    }

    #[test]
    fn a_test_can_have_a_server_without_a_variable() {
        let variables = variables(&[("EDGEWISE_WITHOUT", "JWT_SECRET,LOG_LEVEL"), ("LOG_LEVEL", "debug")]);
        assert!(!variables.contains_key("JWT_SECRET") && !variables.contains_key("LOG_LEVEL"));
        assert_eq!(variables["DATABASE_URL"], "postgres://stack");
    }

    #[test]
    fn a_plain_postgres_goes_behind_the_stack_and_a_hosted_one_does_not() {
        let plain = environment(&[("DATABASE_URL", "postgres://u:p@127.0.0.1:5432/db")]);
        assert_eq!(plain.database(), Database::Stack { url: Some("postgres://u:p@127.0.0.1:5432/db") });
        let hosted = environment(&[("DATABASE_URL", "postgres://u:p@ep-x.eu.aws.neon.tech/db?sslmode=require")]);
        assert!(matches!(hosted.database(), Database::Hosted { .. }));
        assert_eq!(variables(&[("DATABASE_URL", "postgres://u:p@127.0.0.1/db")])["DATABASE_URL"], "postgres://stack");
    }

    #[test]
    fn with_every_store_and_the_model_named_there_is_no_stack() {
        let all = [("DATABASE_HTTP_URL", "h"), ("UPSTASH_REDIS_REST_URL", "u"), ("SAMBANOVA_API_KEY", "k")];
        assert!(!environment(&all).needs_stack());
        assert!(environment(&[("UPSTASH_REDIS_REST_URL", ""), all[0], all[2]]).needs_stack());
        assert!(environment(&all[..2]).needs_stack());
    }
}
