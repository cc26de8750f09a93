//! Every variable an operator can set: its name, default, rule and what is wrong with it.

use std::time::Duration;

use domain::{Role, Rollout, User};
use infrastructure::postgres;
use platform::{Leaving, Level, Variables};

/// A variable as docs/configuration.md lists it.
pub struct Variable {
    /// Its name; Spin's is the same in lower case.
    pub name: &'static str,
    /// What holds when it is not set; `None`: it must be.
    pub default: Option<&'static str>,
    /// Whether its value must not be shown.
    pub is_secret: bool,
}

const fn variable(name: &'static str, default: &'static str) -> Variable {
    Variable { name, default: Some(default), is_secret: false }
}

const fn required(name: &'static str) -> Variable {
    Variable { name, default: None, is_secret: false }
}

const fn secret(name: &'static str) -> Variable {
    Variable { name, default: None, is_secret: true }
}

/// All of them. `cargo xtask check` compares this table with wrangler.toml and docs/configuration.md.
pub const VARIABLES: &[Variable] = &[
    variable("FEATURE_CHAT_ENABLED", "false"),
    variable("CHAT_ROLLOUT", "all"),
    secret("SAMBANOVA_API_KEY"),
    variable("SAMBANOVA_API_BASE", "https://api.sambanova.ai/v1"),
    variable("SAMBANOVA_MODEL", "Llama-4-Maverick-17B-128E-Instruct"),
    variable("SAMBANOVA_FALLBACK_MODELS", "Meta-Llama-3.3-70B-Instruct,gpt-oss-120b"),
    variable("CHAT_SYSTEM_PROMPT", ""),
    variable("CHAT_MAX_CONTEXT_MESSAGES", "20"),
    variable("CHAT_MAX_TOKENS", "2048"),
    variable("CHAT_MAX_MESSAGE_LENGTH", "4000"),
    variable("CHAT_RATE_LIMIT_PER_MINUTE", "20"),
    variable("CHAT_DAILY_MESSAGE_QUOTA", "100"),
    variable("CHAT_MAX_CONCURRENT_STREAMS", "3"),
    variable("CHAT_GUEST_IP_DAILY_QUOTA", "300"),
    variable("CHAT_GLOBAL_DAILY_BUDGET_TOKENS", "0"),
    variable("QUOTA_FAIL_MODE", "closed"),
    variable("CHAT_ON_DISCONNECT", "cancel"),
    variable("CHAT_RESUME_INTERVAL_MS", "500"),
    variable("CHAT_BREAKER_FAILURES", "5"),
    variable("UPSTREAM_TIMEOUT_SECS", "30"),
    secret("DATABASE_URL"),
    variable("DATABASE_HTTP_URL", ""),
    required("UPSTASH_REDIS_REST_URL"),
    secret("UPSTASH_REDIS_REST_TOKEN"),
    secret("JWT_SECRET"),
    variable("JWT_ISSUER", "edgewise"),
    variable("CORS_ORIGINS", ""),
    variable("LOG_LEVEL", "info"),
];

/// HS256 needs a key at least as long as its hash (RFC 7518 §3.2).
const JWT_SECRET_MIN_BYTES: usize = 32;

/// What happens to sends when Redis is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaFailMode {
    /// They are refused: no bill without a count.
    Closed,
    /// They pass uncounted.
    Open,
}

/// The operator's wishes, read and checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// `CHAT_ROLLOUT`.
    pub rollout: Rollout,
    /// `SAMBANOVA_API_KEY`.
    pub model_key: String,
    /// `SAMBANOVA_API_BASE`.
    pub model_base: String,
    /// `SAMBANOVA_MODEL`, then `SAMBANOVA_FALLBACK_MODELS`: asked in this order.
    pub models: Vec<String>,
    /// `CHAT_SYSTEM_PROMPT`; empty: none.
    pub system_prompt: String,
    /// `CHAT_MAX_CONTEXT_MESSAGES`.
    pub context_messages: u32,
    /// `CHAT_MAX_TOKENS`.
    pub max_tokens: u32,
    /// `CHAT_MAX_MESSAGE_LENGTH`, in characters.
    pub message_chars: usize,
    /// `CHAT_RATE_LIMIT_PER_MINUTE`.
    pub per_minute: u64,
    /// `CHAT_DAILY_MESSAGE_QUOTA`.
    pub per_day: u64,
    /// `CHAT_MAX_CONCURRENT_STREAMS`.
    pub streams: u64,
    /// `CHAT_GUEST_IP_DAILY_QUOTA`.
    pub guests_per_address: u64,
    /// `QUOTA_FAIL_MODE`.
    pub quota_fail_mode: QuotaFailMode,
    /// `CHAT_ON_DISCONNECT`: what becomes of an answer whose reader leaves.
    pub on_disconnect: Leaving,
    /// `CHAT_RESUME_INTERVAL_MS`: how often the copy of a running answer goes to Redis; `None`: there is no copy.
    pub resume_every: Option<Duration>,
    /// `CHAT_BREAKER_FAILURES`: so many failures of the model in a row open the breaker; 0: it never does.
    pub breaker_failures: u32,
    /// `UPSTREAM_TIMEOUT_SECS`: until the model's first byte.
    pub first_byte: Duration,
    /// `DATABASE_URL`.
    pub database_url: String,
    /// `DATABASE_HTTP_URL`, or what Neon's driver derives from `DATABASE_URL`.
    pub sql_endpoint: String,
    /// `UPSTASH_REDIS_REST_URL`.
    pub redis_url: String,
    /// `UPSTASH_REDIS_REST_TOKEN`.
    pub redis_token: String,
    /// `JWT_SECRET`.
    pub jwt_secret: String,
    /// `JWT_ISSUER`.
    pub jwt_issuer: String,
    /// `CORS_ORIGINS`: `*`, or exact origins.
    pub cors_origins: Vec<String>,
    /// `LOG_LEVEL`.
    pub log_level: Level,
}

/// A variable that is missing or malformed. It names the variable and the rule, never the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} {rule}")]
pub struct ConfigError {
    /// The variable.
    pub variable: &'static str,
    /// What it breaks.
    pub rule: &'static str,
}

impl Config {
    /// Reads and checks everything. `None`: the chat is switched off, and nothing else needs to be set.
    ///
    /// # Errors
    /// The first variable that is missing or malformed.
    pub async fn load(variables: &dyn Variables) -> Result<Option<Self>, ConfigError> {
        let reader = Reader { variables };
        if !reader.switch("FEATURE_CHAT_ENABLED").await? {
            return Ok(None);
        }
        let database_url = reader.text("DATABASE_URL").await?;
        let sql_endpoint = match reader.text("DATABASE_HTTP_URL").await? {
            derive if derive.is_empty() => postgres::sql_endpoint(&database_url).map_err(|_| ConfigError {
                variable: "DATABASE_URL",
                rule: "is not a postgres:// URL with a host name",
            })?,
            url => http_url("DATABASE_HTTP_URL", url)?,
        };
        let mut models = vec![reader.text("SAMBANOVA_MODEL").await?];
        models.extend(list(&reader.text("SAMBANOVA_FALLBACK_MODELS").await?));
        let jwt_secret = reader.text("JWT_SECRET").await?;
        if jwt_secret.len() < JWT_SECRET_MIN_BYTES {
            return Err(ConfigError { variable: "JWT_SECRET", rule: "must have at least 32 bytes" });
        }
        // A later issue gives this one its meaning; a value that will be refused then is refused now.
        reader.number("CHAT_GLOBAL_DAILY_BUDGET_TOKENS", 0, u64::MAX).await?;
        Ok(Some(Self {
            rollout: Rollout::parse(&reader.text("CHAT_ROLLOUT").await?)
                .map_err(|_| ConfigError { variable: "CHAT_ROLLOUT", rule: "must be all, admins or a percentage" })?,
            model_key: reader.text("SAMBANOVA_API_KEY").await?,
            model_base: http_url("SAMBANOVA_API_BASE", reader.text("SAMBANOVA_API_BASE").await?)?,
            models,
            system_prompt: reader.text("CHAT_SYSTEM_PROMPT").await?,
            context_messages: reader.small("CHAT_MAX_CONTEXT_MESSAGES", 0, 200).await?,
            max_tokens: reader.small("CHAT_MAX_TOKENS", 1, 32_768).await?,
            message_chars: usize::try_from(reader.number("CHAT_MAX_MESSAGE_LENGTH", 1, 100_000).await?).unwrap_or(4000),
            per_minute: reader.number("CHAT_RATE_LIMIT_PER_MINUTE", 1, 1_000_000).await?,
            per_day: reader.number("CHAT_DAILY_MESSAGE_QUOTA", 0, 1_000_000_000).await?,
            streams: reader.number("CHAT_MAX_CONCURRENT_STREAMS", 1, 10_000).await?,
            guests_per_address: reader.number("CHAT_GUEST_IP_DAILY_QUOTA", 0, 1_000_000_000).await?,
            quota_fail_mode: reader
                .one_of("QUOTA_FAIL_MODE", &[("closed", QuotaFailMode::Closed), ("open", QuotaFailMode::Open)])
                .await?,
            on_disconnect: reader
                .one_of(
                    "CHAT_ON_DISCONNECT",
                    &[("cancel", Leaving::ClosesUpstream), ("finish", Leaving::ChangesNothing)],
                )
                .await?,
            resume_every: match reader.number("CHAT_RESUME_INTERVAL_MS", 0, 15_000).await? {
                0 => None,
                1..100 => {
                    return Err(ConfigError {
                        variable: "CHAT_RESUME_INTERVAL_MS",
                        rule: "is neither 0 nor at least 100",
                    });
                }
                millis => Some(Duration::from_millis(millis)),
            },
            breaker_failures: reader.small("CHAT_BREAKER_FAILURES", 0, 1000).await?,
            first_byte: Duration::from_secs(reader.number("UPSTREAM_TIMEOUT_SECS", 1, 600).await?),
            sql_endpoint,
            database_url,
            redis_url: http_url("UPSTASH_REDIS_REST_URL", reader.text("UPSTASH_REDIS_REST_URL").await?)?,
            redis_token: reader.text("UPSTASH_REDIS_REST_TOKEN").await?,
            jwt_secret,
            jwt_issuer: reader.text("JWT_ISSUER").await?,
            cors_origins: list(&reader.text("CORS_ORIGINS").await?),
            log_level: reader
                .one_of(
                    "LOG_LEVEL",
                    &[("debug", Level::Debug), ("info", Level::Info), ("warn", Level::Warn), ("error", Level::Error)],
                )
                .await?,
        }))
    }

    /// Whether the chat is there for `user`.
    #[must_use]
    pub fn is_open_to(&self, user: &User) -> bool {
        user.role == Role::Admin || self.rollout.includes(user)
    }
}

/// Reads variables by the table.
struct Reader<'a> {
    variables: &'a dyn Variables,
}

impl Reader<'_> {
    async fn text(&self, name: &'static str) -> Result<String, ConfigError> {
        if let Some(value) = self.variables.read(name).await.filter(|value| !value.trim().is_empty()) {
            return Ok(value.trim().to_owned());
        }
        VARIABLES
            .iter()
            .find(|variable| variable.name == name)
            .and_then(|variable| variable.default)
            .map(str::to_owned)
            .ok_or(ConfigError { variable: name, rule: "is not set" })
    }

    async fn number(&self, name: &'static str, least: u64, most: u64) -> Result<u64, ConfigError> {
        let number: u64 = self
            .text(name)
            .await?
            .parse()
            .map_err(|_| ConfigError { variable: name, rule: "is not a whole number" })?;
        if (least..=most).contains(&number) {
            Ok(number)
        } else {
            Err(ConfigError { variable: name, rule: "is out of its range" })
        }
    }

    async fn small(&self, name: &'static str, least: u32, most: u32) -> Result<u32, ConfigError> {
        let number = self.number(name, u64::from(least), u64::from(most)).await?;
        u32::try_from(number).map_err(|_| ConfigError { variable: name, rule: "is out of its range" })
    }

    async fn one_of<T: Copy>(&self, name: &'static str, words: &[(&str, T)]) -> Result<T, ConfigError> {
        let text = self.text(name).await?;
        words
            .iter()
            .find(|(word, _)| text.eq_ignore_ascii_case(word))
            .map(|(_, value)| *value)
            .ok_or(ConfigError { variable: name, rule: "is none of its words" })
    }

    async fn switch(&self, name: &'static str) -> Result<bool, ConfigError> {
        self.one_of(name, &[("true", true), ("1", true), ("false", false), ("0", false)]).await
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

fn http_url(variable: &'static str, text: String) -> Result<String, ConfigError> {
    let is_http = text
        .parse::<http::Uri>()
        .is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
    if is_http { Ok(text) } else { Err(ConfigError { variable, rule: "is not an http:// or https:// URL" }) }
}

#[cfg(test)]
mod tests;
