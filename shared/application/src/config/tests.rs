//! A wrong configuration is named, and its value is not.

use std::collections::HashMap;

use async_trait::async_trait;
use futures::executor::block_on;

use super::*;

struct Set(HashMap<&'static str, &'static str>);

#[async_trait(?Send)]
impl Variables for Set {
    async fn read(&self, name: &str) -> Option<String> {
        self.0.get(name).map(|value| (*value).to_owned())
    }
}

fn load(changes: &[(&'static str, &'static str)]) -> Result<Option<Config>, ConfigError> {
    let mut set = HashMap::from([
        ("FEATURE_CHAT_ENABLED", "true"),
        ("SAMBANOVA_API_KEY", "model-key"),
        ("DATABASE_URL", "postgres://user:secret@ep-cool.region.example.com/chat"),
        ("UPSTASH_REDIS_REST_URL", "https://redis.example.com"),
        ("UPSTASH_REDIS_REST_TOKEN", "redis-token"),
        ("JWT_SECRET", "0123456789abcdef0123456789abcdef"),
    ]);
    set.extend(changes.iter().copied());
    block_on(Config::load(&Set(set)))
}

#[test]
fn five_values_are_enough() {
    let config = load(&[]).unwrap().unwrap();
    assert_eq!(config.sql_endpoint, "https://api.region.example.com/sql");
    assert_eq!((config.per_minute, config.per_day, config.streams), (20, 100, 3));
    assert_eq!(config.models.len(), 3);
}

#[test]
fn an_answer_is_off_unless_it_is_switched_on() {
    assert!(load(&[("FEATURE_CHAT_ENABLED", "")]).unwrap().is_none());
    assert!(load(&[("FEATURE_CHAT_ENABLED", "false"), ("JWT_SECRET", "")]).unwrap().is_none());
}

#[test]
fn what_is_wrong_is_named_without_its_value() {
    for (variable, value) in [
        ("FEATURE_CHAT_ENABLED", "maybe-xyz"),
        ("CHAT_ROLLOUT", "some-xyz"),
        ("SAMBANOVA_API_KEY", ""),
        ("SAMBANOVA_API_BASE", "ftp://xyz"),
        ("CHAT_MAX_TOKENS", "xyz"),
        ("CHAT_DAILY_MESSAGE_QUOTA", "-1xyz"),
        ("QUOTA_FAIL_MODE", "xyz"),
        ("CHAT_ON_DISCONNECT", "xyz"),
        ("DATABASE_URL", "mysql://xyz"),
        ("DATABASE_HTTP_URL", "xyz"),
        ("UPSTASH_REDIS_REST_URL", "xyz"),
        ("UPSTASH_REDIS_REST_TOKEN", " "),
        ("JWT_SECRET", "too-short-xyz"),
        ("LOG_LEVEL", "xyz"),
    ] {
        let error = load(&[(variable, value)]).unwrap_err();
        assert_eq!(error.complaints.iter().map(|complaint| complaint.variable).collect::<Vec<_>>(), [variable]);
        assert!(!error.to_string().contains("xyz"), "{error}");
    }
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let error = load(&[
        ("DATABASE_URL", ""),
        ("UPSTASH_REDIS_REST_URL", " "),
        ("JWT_SECRET", ""),
        ("CHAT_MAX_TOKENS", "0"),
        ("QUOTA_FAIL_MODE", "ajar"),
    ])
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "DATABASE_URL is not set; CHAT_MAX_TOKENS must be a whole number from 1 to 32768; \
         QUOTA_FAIL_MODE must be one of closed, open; UPSTASH_REDIS_REST_URL is not set; JWT_SECRET is not set"
    );
}

#[test]
fn a_rule_says_its_bounds_and_words() {
    for (variable, value, rule) in [
        ("CHAT_RESUME_INTERVAL_MS", "99", "must be 0, or from 100 to 15000"),
        ("CHAT_RESUME_INTERVAL_MS", "15001", "must be a whole number from 0 to 15000"),
        ("CHAT_MAX_CONTEXT_MESSAGES", "201", "must be a whole number from 0 to 200"),
        ("CHAT_RATE_LIMIT_PER_MINUTE", "1e3", "must be a whole number from 1 to 1000000"),
        ("FEATURE_CHAT_ENABLED", "yes", "must be one of false, 0, true, 1"),
        ("LOG_LEVEL", "trace", "must be one of debug, info, warn, error"),
        ("CHAT_ROLLOUT", "101", "must be all, admins or a percentage from 0 to 100"),
        ("JWT_SECRET_PREVIOUS", "short", "must have at least 32 bytes"),
        (
            "DATABASE_URL",
            "postgres://u:p@host.example.com:x/db",
            "has no address for /sql: the database url has a malformed port",
        ),
        (
            "DATABASE_URL",
            "postgres://host.example.com/db",
            "has no address for /sql: the database url must carry a user and a password",
        ),
    ] {
        assert_eq!(load(&[(variable, value)]).unwrap_err().to_string(), format!("{variable} {rule}"), "{value}");
    }
}

#[test]
fn the_audience_is_the_issuer_unless_it_is_said() {
    let audience = |changes| load(changes).unwrap().unwrap().jwt_audience;
    assert_eq!(audience(&[]), "edgewise");
    assert_eq!(audience(&[("JWT_ISSUER", "me")]), "me");
    assert_eq!(audience(&[("JWT_ISSUER", "me"), ("JWT_AUDIENCE", "you")]), "you");
    assert_eq!(load(&[]).unwrap().unwrap().jwt_secret_previous, None);
}
