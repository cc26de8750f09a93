//! A wrong configuration is named, and its value is not.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::TextError;
use futures::executor::block_on;
use platform::{Setting, VariableUnreadable};

use super::*;

/// The value of a variable whose provider gives no answer.
const UNREADABLE: &str = "unreadable";

struct Set(HashMap<&'static str, &'static str>);

#[async_trait(?Send)]
impl Variables for Set {
    async fn read(&self, name: &str) -> Result<Setting, VariableUnreadable> {
        match self.0.get(name) {
            Some(&UNREADABLE) => Err(VariableUnreadable),
            value => Ok(value.map(|value| (*value).to_owned()).into()),
        }
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

/// The models in the order in which they are asked.
fn models(changes: &[(&'static str, &'static str)]) -> Vec<String> {
    load(changes).unwrap().unwrap().models.iter().map(|model| model.id.clone()).collect()
}

#[test]
fn a_variable_that_cannot_be_read_is_not_taken_for_its_default() {
    let error = load(&[("CHAT_DAILY_BUDGET_USD", UNREADABLE), ("JWT_SECRET", UNREADABLE)]).unwrap_err().to_string();
    for variable in ["CHAT_DAILY_BUDGET_USD", "JWT_SECRET"] {
        assert!(error.contains(&format!("{variable} cannot be read")), "{error}");
    }
    // Nobody knows whether it is switched on.
    assert!(load(&[("FEATURE_CHAT_ENABLED", UNREADABLE)]).is_err());
}

#[test]
fn five_values_are_enough() {
    let config = load(&[]).unwrap().unwrap();
    assert_eq!(config.sql_endpoint, "https://api.region.example.com/sql");
    assert_eq!((config.per_minute, config.per_day, config.answers), (20, 100, 3));
    assert_eq!(models(&[]), ["Meta-Llama-3.3-70B-Instruct", "gpt-oss-120b"]);
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
        ("SAMBANOVA_MODELS", "a@xyz"),
        ("SAMBANOVA_MODEL", "xyz xyz"),
        ("CHAT_MAX_TOKENS", "xyz"),
        ("GUEST_CHALLENGE", "xyz"),
        ("TURNSTILE_VERIFY_URL", "xyz"),
        ("CHAT_USER_STORAGE_MB", "xyz"),
        ("STORAGE_LIMIT_MB", "-1"),
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
    const ASCII: &str = "must be ASCII without control characters, as it travels in a header";
    const HTTP_URL: &str = "must be an http:// or https:// URL without a name or password";
    for (variable, value, rule) in [
        ("CHAT_RESUME_INTERVAL_MS", "99", "must be 0, or from 100 to 15000"),
        ("CHAT_RESUME_INTERVAL_MS", "15001", "must be a whole number from 0 to 15000"),
        (
            "SAMBANOVA_MODELS",
            "a=A@1/2,b=B@1",
            "must be a list of id[=label][@USD in/out], and entry 2 needs a price after its @ such as 0.60/1.20: US dollars \
             per million tokens in and out, each from 0 to 10000 with at most 6 digits after the point",
        ),
        (
            "SAMBANOVA_MODELS",
            "a,b,a",
            "must be a list of id[=label][@USD in/out], and entry 3 repeats the id of an earlier one",
        ),
        ("SAMBANOVA_MODEL", "a,b", "must be one model's id of 1 to 200 characters, without spaces, commas and ="),
        ("CHAT_MAX_CONTEXT_MESSAGES", "201", "must be a whole number from 0 to 200"),
        ("CHAT_RATE_LIMIT_PER_MINUTE", "1e3", "must be a whole number from 1 to 1000000"),
        ("FEATURE_CHAT_ENABLED", "yes", "must be one of false, 0, true, 1"),
        ("LOG_LEVEL", "trace", "must be one of debug, info, warn, error"),
        ("CHAT_ROLLOUT", "101", "must be all, admins or a percentage from 0 to 100"),
        ("SAMBANOVA_API_KEY", "schlüssel", ASCII),
        ("UPSTASH_REDIS_REST_TOKEN", "a\nb", ASCII),
        ("DATABASE_URL", "postgres://u:pässwort@db.example.com/d", ASCII),
        ("DATABASE_HTTP_URL", "https://db.example.com:70000/sql", HTTP_URL),
        ("DATABASE_HTTP_URL", "https://u:p@db.example.com/sql", HTTP_URL),
        ("UPSTASH_REDIS_REST_URL", "https://:80", HTTP_URL),
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
fn the_variable_of_old_puts_its_model_first_and_the_fallbacks_of_old_do_nothing() {
    let list = ("SAMBANOVA_MODELS", "a=A@1/2,b=B@3/4");
    assert_eq!(models(&[list, ("SAMBANOVA_MODEL", "b")]), ["b", "a"]);
    assert_eq!(models(&[list, ("SAMBANOVA_MODEL", "c"), ("SAMBANOVA_FALLBACK_MODELS", "d")]), ["c", "a", "b"]);
    assert_eq!(models(&[list, ("SAMBANOVA_MODEL", " ")]), ["a", "b"]);
    assert_eq!(models(&[("SAMBANOVA_MODEL", "gpt-oss-120b")]), ["gpt-oss-120b", "Meta-Llama-3.3-70B-Instruct"]);
}

#[test]
fn the_audience_is_the_issuer_unless_it_is_said() {
    let audience = |changes| load(changes).unwrap().unwrap().jwt_audience;
    assert_eq!(audience(&[]), "edgewise");
    assert_eq!(audience(&[("JWT_ISSUER", "me")]), "me");
    assert_eq!(audience(&[("JWT_ISSUER", "me"), ("JWT_AUDIENCE", "you")]), "you");
    assert_eq!(load(&[]).unwrap().unwrap().jwt_secret_previous, None);
}

#[test]
fn turnstile_needs_both_of_its_keys() {
    let named = |changes: &[(&'static str, &'static str)]| {
        let wrong = load(changes).err().map(|error| error.complaints).unwrap_or_default();
        wrong.into_iter().map(|complaint| complaint.variable).collect::<Vec<_>>()
    };
    let turnstile = ("GUEST_CHALLENGE", "turnstile");
    assert_eq!(named(&[turnstile]), ["TURNSTILE_SITE_KEY", "TURNSTILE_SECRET"]);
    assert_eq!(named(&[turnstile, ("TURNSTILE_SITE_KEY", "key")]), ["TURNSTILE_SECRET"]);
    let config = load(&[turnstile, ("TURNSTILE_SITE_KEY", "key"), ("TURNSTILE_SECRET", "secret")]).unwrap().unwrap();
    assert!(!config.address_limit().works);
}

#[test]
fn mail_needs_accounts_a_page_a_token_and_a_sender_and_is_off_without_a_host() {
    let named = |changes: &[(&'static str, &'static str)]| {
        let wrong = load(changes).err().map(|error| error.complaints).unwrap_or_default();
        wrong.into_iter().map(|complaint| complaint.variable).collect::<Vec<_>>()
    };
    let host = ("MAIL_API_URL", "https://mail.example/emails");
    let accounts = [("ACCOUNTS_ENABLED", "true"), ("ACCOUNTS_PEPPER", "a pepper that is long enough, of 32 bytes")];
    let [on, pepper] = accounts;
    assert_eq!(named(&[host, on, pepper]), ["MAIL_API_TOKEN", "PUBLIC_ORIGIN", "MAIL_FROM"]);
    let (page, token) = (("PUBLIC_ORIGIN", "https://chat.example"), ("MAIL_API_TOKEN", "token"));
    for from in ["nobody", "a@example.org\nbcc: b@example.org"] {
        assert_eq!(named(&[host, on, pepper, page, token, ("MAIL_FROM", from)]), ["MAIL_FROM"], "{from}");
    }
    let sender = ("MAIL_FROM", "Chat <chat@example.org>");
    let mail = |changes: &[(&'static str, &'static str)]| load(changes).unwrap().unwrap().mail.map(|mail| mail.from);
    assert_eq!(mail(&[host, on, pepper, page, token, sender]).as_deref(), Some("Chat <chat@example.org>"));
    assert_eq!(mail(&[on, pepper, page, token, sender]), None);
    assert_eq!(mail(&[host]), None, "there are no accounts");
}

/// Of a function's manifest that keeps everything from it.
struct Withholding;

#[async_trait(?Send)]
impl Variables for Withholding {
    async fn read(&self, name: &str) -> Result<Setting, VariableUnreadable> {
        Ok(match name {
            "FEATURE_CHAT_ENABLED" => Setting::Value("true".to_owned()),
            "JWT_SECRET" | "SAMBANOVA_API_KEY" => Setting::Withheld,
            _ => Setting::Unset,
        })
    }
}

#[test]
fn no_function_does_without_the_secret_that_tells_who_asks() {
    let error = block_on(Config::load(&Withholding)).unwrap_err().to_string();
    assert!(error.contains("JWT_SECRET is not set") && !error.contains("SAMBANOVA_API_KEY"), "{error}");
}

#[test]
fn instructions_leave_room_for_a_conversation() {
    let of = |text: &'static str| load(&[("CHAT_SYSTEM_PROMPT", text), ("CHAT_MAX_CONTEXT_TOKENS", "100")]);
    assert!(of("abc".repeat(50).leak()).is_ok());
    let error = of("abc".repeat(51).leak()).unwrap_err().to_string();
    assert!(error.contains("CHAT_SYSTEM_PROMPT takes some 51 tokens, and may take 50"), "{error}");
}

#[test]
fn a_message_that_the_model_could_not_take_is_told_its_length_before_anything_is_asked() {
    let config = load(&[("CHAT_MAX_CONTEXT_TOKENS", "100"), ("CHAT_SYSTEM_PROMPT", "abc")]).unwrap().unwrap();
    assert!(config.message(&"中".repeat(33)).is_ok());
    assert_eq!(config.message(&"中".repeat(34)), Err(TextError::TooLong { chars: 34, max: 33 }));
    assert_eq!(config.message(&"a".repeat(4_001)), Err(TextError::TooLong { chars: 4_001, max: 4_000 }));
}

#[test]
fn sites_that_show_the_page_are_origins_all_of_them() {
    let sites = |list| {
        let config = load(&[("EMBED_ORIGINS", list)])?.unwrap();
        Ok::<_, ConfigError>(config.embed_origins.iter().map(|site| site.as_str().to_owned()).collect::<Vec<_>>())
    };
    assert_eq!(sites("").unwrap(), [""; 0]);
    assert_eq!(
        sites("https://Shop.example/, http://localhost:9000,").unwrap(),
        ["https://shop.example", "http://localhost:9000"]
    );
    for wrong in ["*", "https://shop.example, shop.example", "https://*.example", "http://shop.example", "'self'"] {
        let error = sites(wrong).unwrap_err().to_string();
        assert!(error.contains("EMBED_ORIGINS must be a list") && !error.contains(wrong), "{error}");
    }
}
