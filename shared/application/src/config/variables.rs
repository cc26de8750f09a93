//! Every variable, and what holds where it is not set.

/// A variable as docs/configuration.md lists it.
pub struct Variable {
    /// Its name; Spin's is the same in lower case.
    pub name: &'static str,
    /// What holds when it is not set; `None`: it must be.
    pub default: Option<&'static str>,
}

const fn variable(name: &'static str, default: &'static str) -> Variable {
    Variable { name, default: Some(default) }
}

/// Has no default, and may be shown.
const fn required(name: &'static str) -> Variable {
    Variable { name, default: None }
}

/// As [`required`], but wrangler.toml lists its name only: the value is kept apart.
const fn secret(name: &'static str) -> Variable {
    required(name)
}

/// A secret that may be left out: wrangler.toml has no place for one.
const fn optional_secret(name: &'static str) -> Variable {
    variable(name, "")
}

/// Switches the chat on: without it nothing else is asked for.
pub(super) const SWITCH: &str = "FEATURE_CHAT_ENABLED";

/// All of them. The tests compare this table with wrangler.toml, spin.toml and docs/configuration.md.
pub const VARIABLES: &[Variable] = &[
    variable(SWITCH, "false"),
    variable("CHAT_ROLLOUT", "all"),
    secret("SAMBANOVA_API_KEY"),
    variable("SAMBANOVA_API_BASE", "https://api.sambanova.ai/v1"),
    variable(
        "SAMBANOVA_MODELS",
        "Meta-Llama-3.3-70B-Instruct=Llama 3.3 70B@0.60/1.20,gpt-oss-120b=GPT-OSS 120B@0.22/0.59",
    ),
    variable("SAMBANOVA_MODEL", ""),
    variable("CHAT_MODEL_CHOICE", "false"),
    variable("CHAT_TITLES", "words"),
    variable("CHAT_SYSTEM_PROMPT", ""),
    variable("CHAT_MAX_CONTEXT_MESSAGES", "20"),
    variable("CHAT_MAX_CONTEXT_TOKENS", "6000"),
    variable("CHAT_MAX_TOKENS", "2048"),
    variable("CHAT_MAX_MESSAGE_LENGTH", "4000"),
    variable("CHAT_RATE_LIMIT_PER_MINUTE", "20"),
    variable("CHAT_DAILY_MESSAGE_QUOTA", "100"),
    variable("CHAT_MAX_CONCURRENT_STREAMS", "3"),
    variable("GUEST_CHALLENGE", "work"),
    variable("TURNSTILE_SITE_KEY", ""),
    optional_secret("TURNSTILE_SECRET"),
    variable("TURNSTILE_VERIFY_URL", "https://challenges.cloudflare.com/turnstile/v0/siteverify"),
    variable("CHAT_GUEST_IP_DAILY_QUOTA", "50"),
    variable("CHAT_ADDRESS_DAILY_MESSAGES", "300"),
    variable("CLIENT_ADDRESS_HEADER", ""),
    variable("CHAT_DAILY_BUDGET_USD", "1.00"),
    variable("CHAT_MAX_RUNNING_ANSWERS", "200"),
    variable("CHAT_USER_STORAGE_MB", "20"),
    variable("STORAGE_LIMIT_MB", "500"),
    variable("DELETED_RETENTION_DAYS", "30"),
    variable("IDLE_RETENTION_DAYS", "365"),
    variable("GUEST_RETENTION_DAYS", "90"),
    optional_secret("MAINTENANCE_TOKEN"),
    optional_secret("ALERT_WEBHOOK_URL"),
    optional_secret("METRICS_TOKEN"),
    variable("STATUS_PUBLIC", "false"),
    variable("QUOTA_FAIL_MODE", "closed"),
    variable("CHAT_ON_DISCONNECT", "cancel"),
    variable("CHAT_RESUME_INTERVAL_MS", "500"),
    variable("CHAT_BREAKER_FAILURES", "5"),
    variable("UPSTREAM_TIMEOUT_SECS", "30"),
    secret("DATABASE_URL"),
    variable("DATABASE_HTTP_URL", ""),
    variable("DATABASE_TIMEOUT_MS", "10000"),
    required("UPSTASH_REDIS_REST_URL"),
    secret("UPSTASH_REDIS_REST_TOKEN"),
    variable("REDIS_TIMEOUT_MS", "2000"),
    secret("JWT_SECRET"),
    optional_secret("JWT_SECRET_PREVIOUS"),
    variable("JWT_ISSUER", "edgewise"),
    variable("JWT_AUDIENCE", ""),
    variable("FEATURE_OPENAI", "true"),
    variable("FEATURE_ONE_SHOT", "false"),
    variable("FEATURE_WEBSOCKET", "false"),
    variable("ACCOUNTS_ENABLED", "false"),
    optional_secret("ACCOUNTS_PEPPER"),
    variable("ADMIN_EMAILS", ""),
    variable("PUBLIC_ORIGIN", ""),
    variable("MAIL_API_URL", ""),
    optional_secret("MAIL_API_TOKEN"),
    variable("MAIL_FROM", ""),
    variable("OAUTH_GITHUB_ID", ""),
    optional_secret("OAUTH_GITHUB_SECRET"),
    variable("OAUTH_GITHUB_URL", "https://github.com"),
    variable("OAUTH_GOOGLE_ID", ""),
    optional_secret("OAUTH_GOOGLE_SECRET"),
    variable("OIDC_ISSUER", ""),
    variable("OIDC_ID", ""),
    optional_secret("OIDC_SECRET"),
    variable("OIDC_NAME", ""),
    variable("CORS_ORIGINS", ""),
    variable("EMBED_ORIGINS", ""),
    variable("LOG_LEVEL", "info"),
];
