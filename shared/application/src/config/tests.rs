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
        assert_eq!(error.variable, variable);
        assert!(!error.to_string().contains("xyz"), "{error}");
    }
}
