//! Every variable an operator can set: its name, default, rule and what is wrong with it.

mod accounts;
mod checks;
mod complaint;
mod mail;
mod message;
mod providers;
mod reader;
mod retention;
mod variables;

use std::rc::Rc;
use std::time::Duration;

use domain::{Asked, ModelList, PublicOrigin, Retention, Rollout, SILENCE_LIMIT, StorageLimits, TokenUsage};
use http::HeaderName;
use infrastructure::postgres;
use infrastructure::redis::{AddressLimit, Spending};
use platform::{Leaving, Level, Variables};

pub use self::accounts::Accounts;
pub use self::complaint::{Complaint, ConfigError};
pub use self::mail::Mail;
pub use self::providers::{Known, OpenIdProvider, Provider, Providers};
use self::reader::VariableReader;
use self::variables::SWITCH;
pub use self::variables::{VARIABLES, Variable};
use crate::Remembered;

/// What happens to sends when Redis is down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuotaFailMode {
    /// They are refused: no bill without a count.
    Closed,
    /// They pass uncounted.
    Open,
}

/// What a new guest has to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuestChallenge {
    /// Work, beyond the first few of an address.
    Work,
    /// A token of Cloudflare's Turnstile.
    Turnstile,
    /// Nothing.
    Off,
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
    /// `SAMBANOVA_MODELS`, led by `SAMBANOVA_MODEL` where that is set: asked in this order.
    pub models: ModelList,
    /// `CHAT_MODEL_CHOICE`: visitors may choose among them.
    pub model_choice: bool,
    /// `CHAT_TITLES`: a model gives new sessions a better title than their first words.
    pub titles_by_model: bool,
    /// `CHAT_SYSTEM_PROMPT`; empty: none.
    pub system_prompt: String,
    /// `CHAT_MAX_CONTEXT_MESSAGES`.
    pub context_messages: u32,
    /// `CHAT_MAX_CONTEXT_TOKENS`: of a prompt, estimated.
    pub context_tokens: u64,
    /// `CHAT_MAX_TOKENS`.
    pub max_tokens: u32,
    /// `CHAT_MAX_MESSAGE_LENGTH`, in characters.
    pub message_chars: usize,
    /// `CHAT_RATE_LIMIT_PER_MINUTE`.
    pub per_minute: u64,
    /// `CHAT_DAILY_MESSAGE_QUOTA`.
    pub per_day: u64,
    /// `CHAT_MAX_CONCURRENT_STREAMS`.
    pub answers: u64,
    /// `CHAT_GUEST_IP_DAILY_QUOTA`.
    pub guests_per_address: u64,
    /// `GUEST_CHALLENGE`.
    pub guest_challenge: GuestChallenge,
    /// `TURNSTILE_SITE_KEY`.
    pub turnstile_site_key: String,
    /// `TURNSTILE_SECRET`.
    pub turnstile_secret: String,
    /// `TURNSTILE_VERIFY_URL`: where its tokens are redeemed.
    pub turnstile_url: String,
    /// `CHAT_ADDRESS_DAILY_MESSAGES`: of its guests; 0: there is no limit.
    pub messages_per_address: u64,
    /// `CLIENT_ADDRESS_HEADER`: where a proxy of the operator's tells the client's address; `None`: the platform does.
    pub client_address_header: Option<HeaderName>,
    /// `CHAT_DAILY_BUDGET_USD`, in micro-dollars; 0: there is no limit.
    pub daily_budget: u64,
    /// `CHAT_MAX_RUNNING_ANSWERS`: of all; 0: there is no limit.
    pub most_running: u32,
    /// `CHAT_USER_STORAGE_MB` and `STORAGE_LIMIT_MB`, in bytes.
    pub storage: StorageLimits,
    /// `DELETED_RETENTION_DAYS`, `IDLE_RETENTION_DAYS` and `GUEST_RETENTION_DAYS`.
    pub retention: Retention,
    /// `MAINTENANCE_TOKEN`: who shows it may have maintenance run; `None`: nobody may, from outside.
    pub maintenance_token: Option<String>,
    /// `ALERT_WEBHOOK_URL`: where the operator is told of what is wrong; `None`: only the log is.
    pub alert_webhook_url: Option<String>,
    /// `METRICS_TOKEN`: who shows it may read the figures; `None`: no program may.
    pub metrics_token: Option<String>,
    /// `STATUS_PUBLIC`: everybody may know how the page does.
    pub status_public: bool,
    /// `QUOTA_FAIL_MODE`.
    pub quota_fail_mode: QuotaFailMode,
    /// `CHAT_ON_DISCONNECT`: what becomes of an answer whose reader leaves.
    pub on_disconnect: Leaving,
    /// `CHAT_RESUME_INTERVAL_MS`: how often a running answer is appended to its replay buffer; `None`: no buffer is kept.
    pub resume_every: Option<Duration>,
    /// `CHAT_BREAKER_FAILURES`: failures of the model in a row that open the breaker; 0 switches it off.
    pub breaker_failures: u32,
    /// `UPSTREAM_TIMEOUT_SECS`: until the model's first byte.
    pub first_byte: Duration,
    /// `DATABASE_URL`.
    pub database_url: String,
    /// `DATABASE_HTTP_URL`, or what Neon's driver derives from `DATABASE_URL`.
    pub sql_endpoint: String,
    /// `DATABASE_TIMEOUT_MS`: how long a statement may take. A Neon compute that scaled to zero needs some seconds to wake.
    pub database_timeout: Duration,
    /// `UPSTASH_REDIS_REST_URL`.
    pub redis_url: String,
    /// `UPSTASH_REDIS_REST_TOKEN`.
    pub redis_token: String,
    /// `REDIS_TIMEOUT_MS`: how long a visitor waits for Redis before it counts as down.
    pub redis_timeout: Duration,
    /// `JWT_SECRET`: signs and verifies.
    pub jwt_secret: String,
    /// `JWT_SECRET_PREVIOUS`: verifies only.
    pub jwt_secret_previous: Option<String>,
    /// `JWT_ISSUER`.
    pub jwt_issuer: String,
    /// `JWT_AUDIENCE`, or the issuer.
    pub jwt_audience: String,
    /// `FEATURE_OPENAI`: clients of OpenAI's API may come.
    pub openai: bool,
    /// `FEATURE_ONE_SHOT`: a question may come without a token.
    pub one_shot: bool,
    /// `FEATURE_WEBSOCKET`: the chat may be used over a WebSocket, where the runtime has them.
    pub sockets: bool,
    /// `ACCOUNTS_ENABLED`; `None`: there are guests only.
    pub accounts: Option<Accounts>,
    /// `PUBLIC_ORIGIN`; `None`: there are no passkeys, and nobody can vouch for somebody.
    pub public_origin: Option<PublicOrigin>,
    /// `MAIL_API_URL` and what belongs to it; `None`: no mail is sent.
    pub mail: Option<Mail>,
    /// Who may vouch for somebody.
    pub providers: Providers,
    /// `CORS_ORIGINS`: `*`, or exact origins.
    pub cors_origins: Vec<String>,
    /// `EMBED_ORIGINS`: sites that may show the chat in a frame; empty: none may, and there is no page for it.
    pub embed_origins: Vec<PublicOrigin>,
    /// `LOG_LEVEL`.
    pub log_level: Level,
    /// What this instance remembers: with other variables it is another one.
    pub remembered: Rc<Remembered>,
}

impl Config {
    /// Reads and checks everything. `None`: the chat is switched off, and nothing else needs to be set.
    ///
    /// # Errors
    /// Every variable that is missing or malformed.
    pub async fn load(variables: &dyn Variables) -> Result<Option<Self>, ConfigError> {
        let mut reader = VariableReader::default();
        let (switch, others): (Vec<_>, Vec<_>) = VARIABLES.iter().partition(|variable| variable.name == SWITCH);
        reader.ask(variables, switch.into_iter()).await;
        let is_on = reader.switch(SWITCH);
        if is_on {
            reader.ask(variables, others.into_iter()).await;
        }
        let config = is_on.then(|| Self::read(&reader));
        if let Some(config) = config.as_ref().filter(|_| reader.complaints.borrow().is_empty()) {
            config.check_budget(&reader);
            config.check_instructions(&reader);
            config.check_turnstile(&reader);
            config.check_providers(&reader);
        }
        match reader.complaints.into_inner() {
            complaints if complaints.is_empty() => Ok(config),
            complaints => Err(ConfigError { complaints }),
        }
    }

    /// What a message may cost that an account or a guest sends.
    pub(crate) fn spending(&self, has_account: bool) -> Spending {
        let held = if self.daily_budget == 0 { 0 } else { self.dearest_answer() };
        Spending { per_day: self.daily_budget, held, has_account }
    }

    /// What the guests of an address may send.
    pub(crate) fn address_limit(&self) -> AddressLimit {
        let works = self.guest_challenge == GuestChallenge::Work;
        AddressLimit { messages: self.messages_per_address, works, bytes: self.storage.account }
    }

    /// What these tokens of the prompt and of the answer cost with that model, in micro-dollars.
    pub(crate) fn cost(&self, model: &str, billed: TokenUsage) -> u64 {
        self.models.price_of(model).map_or(0, |price| price.cost(billed.prompt, billed.completion))
    }

    /// What a call with so long a prompt asks for.
    pub(crate) fn asked(&self, prompt_tokens: u64) -> Asked {
        Asked { prompt_tokens, context_tokens: self.context_tokens, max_tokens: self.max_tokens.into() }
    }

    /// Reads all variables. Faults go to `reader.complaints`; the faulty fields are left empty.
    fn read(reader: &VariableReader) -> Self {
        let database_url = reader.header_value("DATABASE_URL");
        let sql_endpoint = match reader.text("DATABASE_HTTP_URL") {
            derived if derived.is_empty() && !database_url.is_empty() => postgres::sql_endpoint(&database_url)
                .unwrap_or_else(|error| reader.complain("DATABASE_URL", format!("has no address for /sql: {error}"))),
            url => reader.checked_url("DATABASE_HTTP_URL", url),
        };
        let (accounts, public_origin) = (Accounts::read(reader), reader.origin("PUBLIC_ORIGIN"));
        let jwt_issuer = reader.text("JWT_ISSUER");
        let jwt_audience = Some(reader.text("JWT_AUDIENCE")).filter(|audience| !audience.is_empty());
        Self {
            rollout: reader.rollout("CHAT_ROLLOUT"),
            model_key: reader.header_value("SAMBANOVA_API_KEY"),
            model_base: reader.http_url("SAMBANOVA_API_BASE"),
            models: reader.models("SAMBANOVA_MODELS", "SAMBANOVA_MODEL"),
            model_choice: reader.switch("CHAT_MODEL_CHOICE"),
            titles_by_model: reader.one_of("CHAT_TITLES", ("words", false), &[("model", true)]),
            system_prompt: reader.text("CHAT_SYSTEM_PROMPT"),
            context_messages: reader.number("CHAT_MAX_CONTEXT_MESSAGES", 0, 200),
            context_tokens: reader.number("CHAT_MAX_CONTEXT_TOKENS", 100, 1_000_000),
            max_tokens: reader.number("CHAT_MAX_TOKENS", 1, 32_768),
            message_chars: reader.number("CHAT_MAX_MESSAGE_LENGTH", 1, 100_000),
            per_minute: reader.number("CHAT_RATE_LIMIT_PER_MINUTE", 1, 1_000_000),
            per_day: reader.number("CHAT_DAILY_MESSAGE_QUOTA", 0, 1_000_000_000),
            answers: reader.number("CHAT_MAX_CONCURRENT_STREAMS", 1, 10_000),
            guests_per_address: reader.number("CHAT_GUEST_IP_DAILY_QUOTA", 0, 1_000_000_000),
            guest_challenge: reader.one_of(
                "GUEST_CHALLENGE",
                ("work", GuestChallenge::Work),
                &[("turnstile", GuestChallenge::Turnstile), ("off", GuestChallenge::Off)],
            ),
            turnstile_site_key: reader.text("TURNSTILE_SITE_KEY"),
            turnstile_secret: reader.text("TURNSTILE_SECRET"),
            turnstile_url: reader.http_url("TURNSTILE_VERIFY_URL"),
            messages_per_address: reader.number("CHAT_ADDRESS_DAILY_MESSAGES", 0, 1_000_000_000),
            client_address_header: reader.header_name("CLIENT_ADDRESS_HEADER"),
            daily_budget: reader.dollars("CHAT_DAILY_BUDGET_USD"),
            most_running: reader.number("CHAT_MAX_RUNNING_ANSWERS", 0, 1_000_000),
            storage: StorageLimits {
                account: reader.megabytes("CHAT_USER_STORAGE_MB"),
                database: reader.megabytes("STORAGE_LIMIT_MB"),
            },
            retention: retention::read(reader),
            maintenance_token: Some(reader.signing_secret("MAINTENANCE_TOKEN")).filter(|token| !token.is_empty()),
            alert_webhook_url: Some(reader.http_url("ALERT_WEBHOOK_URL")).filter(|url| !url.is_empty()),
            metrics_token: Some(reader.signing_secret("METRICS_TOKEN")).filter(|token| !token.is_empty()),
            status_public: reader.switch("STATUS_PUBLIC"),
            quota_fail_mode: reader.one_of(
                "QUOTA_FAIL_MODE",
                ("closed", QuotaFailMode::Closed),
                &[("open", QuotaFailMode::Open)],
            ),
            on_disconnect: reader.one_of(
                "CHAT_ON_DISCONNECT",
                ("cancel", Leaving::ClosesUpstream),
                &[("finish", Leaving::ChangesNothing)],
            ),
            resume_every: match reader.number("CHAT_RESUME_INTERVAL_MS", 0, 15_000) {
                0 => None,
                1..100 => reader.complain("CHAT_RESUME_INTERVAL_MS", "must be 0, or from 100 to 15000".to_owned()),
                millis => Some(Duration::from_millis(millis)),
            },
            breaker_failures: reader.number("CHAT_BREAKER_FAILURES", 0, 1000),
            first_byte: Duration::from_secs(reader.number("UPSTREAM_TIMEOUT_SECS", 1, SILENCE_LIMIT.as_secs())),
            sql_endpoint,
            database_url,
            database_timeout: Duration::from_millis(reader.number("DATABASE_TIMEOUT_MS", 100, 60_000)),
            redis_url: reader.http_url("UPSTASH_REDIS_REST_URL"),
            redis_token: reader.header_value("UPSTASH_REDIS_REST_TOKEN"),
            redis_timeout: Duration::from_millis(reader.number("REDIS_TIMEOUT_MS", 100, 30_000)),
            jwt_secret: reader.signing_secret("JWT_SECRET"),
            jwt_secret_previous: Some(reader.signing_secret("JWT_SECRET_PREVIOUS"))
                .filter(|previous| !previous.is_empty()),
            jwt_audience: jwt_audience.unwrap_or_else(|| jwt_issuer.clone()),
            jwt_issuer,
            openai: reader.switch("FEATURE_OPENAI"),
            one_shot: reader.switch("FEATURE_ONE_SHOT"),
            sockets: reader.switch("FEATURE_WEBSOCKET"),
            mail: Mail::read(reader, accounts.is_some(), public_origin.is_some()),
            accounts,
            public_origin,
            providers: Providers::read(reader),
            cors_origins: reader.list("CORS_ORIGINS"),
            embed_origins: reader.origins("EMBED_ORIGINS"),
            log_level: reader.one_of(
                "LOG_LEVEL",
                ("debug", Level::Debug),
                &[("info", Level::Info), ("warn", Level::Warn), ("error", Level::Error)],
            ),
            remembered: Rc::default(),
        }
    }
}

#[cfg(test)]
mod documents_agree;
#[cfg(test)]
mod tests;
