//! Headers that are the same for many responses: quota, CORS, security.

use application::Config;
use application::turn::Timings;
use domain::Standing;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::Timestamp;

/// What other origins may read. `Content-Type` and the like are readable anyway.
const EXPOSED: &str = "x-request-id, x-session-id, x-user-message-id, x-message-id, x-model, x-model-instead-of, \
    x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, \
    x-daily-quota-limit, x-daily-quota-remaining, x-daily-quota-reset, \
    x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, openai-processing-ms, retry-after-ms, \
    ratelimit, ratelimit-policy, retry-after, x-should-retry, server-timing, etag, location, idempotent-replayed";

/// What other origins may send: ours, and what the official OpenAI clients add to every request.
const ALLOWED: &str = "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, traceparent, x-proof-of-work, x-turnstile-token, \
    openai-organization, openai-project, \
    x-stainless-lang, x-stainless-package-version, x-stainless-os, x-stainless-arch, x-stainless-runtime, \
    x-stainless-runtime-version, x-stainless-retry-count, x-stainless-timeout, x-stainless-helper-method";

/// The sliding minute and the UTC day, in seconds, as `RateLimit-Policy` says them.
const MINUTE_SECONDS: u64 = 60;
const DAY_SECONDS: u64 = 86_400;

/// How long a browser remembers to come by HTTPS only: a year, in seconds.
const HTTPS_ONLY: &str = "max-age=31536000";

/// How long a browser remembers a preflight, in seconds: a day, of which it takes what it will.
const PREFLIGHT_SECONDS: u64 = DAY_SECONDS;

/// Where a caller stands: our headers, and those of draft-ietf-httpapi-ratelimit-headers.
pub(crate) fn quota(headers: &mut HeaderMap, standing: &Standing) {
    let minute = &standing.minute;
    number(headers, "x-ratelimit-limit", minute.limit);
    number(headers, "x-ratelimit-remaining", minute.remaining());
    number(headers, "x-ratelimit-reset", epoch(minute.reset_at));
    let mut policy = format!("\"minute\";q={};w={MINUTE_SECONDS}", minute.limit);
    let mut state = format!("\"minute\";r={};t={}", minute.remaining(), standing.minute_resets_in());
    if let (Some(limit), Some(remaining)) = (standing.day.limit, standing.day.remaining()) {
        number(headers, "x-daily-quota-limit", limit);
        number(headers, "x-daily-quota-remaining", remaining);
        number(headers, "x-daily-quota-reset", epoch(standing.day.reset_at));
        policy.push_str(&format!(", \"day\";q={limit};w={DAY_SECONDS}"));
        state.push_str(&format!(", \"day\";r={remaining};t={}", standing.day_resets_in()));
    }
    text(headers, "ratelimit-policy", &policy);
    text(headers, "ratelimit", &state);
}

/// What the steps before an answer took: a browser's tools show it beside the request.
pub(crate) fn timing(headers: &mut HeaderMap, Timings { admit, db, model }: Timings) {
    text(headers, "server-timing", &format!("admit;dur={admit}, db;dur={db}, model;dur={model}"));
}

/// Who answers, and the model that should have.
pub(crate) fn models(headers: &mut HeaderMap, model: Option<&str>, instead_of: Option<&str>) {
    for (name, model) in [("x-model", model), ("x-model-instead-of", instead_of)] {
        if let Some(model) = model {
            text(headers, name, model);
        }
    }
}

/// Where a caller stands, as OpenAI's API tells it: requests of a minute.
pub(crate) fn requests(headers: &mut HeaderMap, standing: &Standing) {
    number(headers, "x-ratelimit-limit-requests", standing.minute.limit);
    number(headers, "x-ratelimit-remaining-requests", standing.minute.remaining());
    text(headers, "x-ratelimit-reset-requests", &format!("{}s", standing.minute_resets_in()));
}

/// Seconds of the epoch, rounded up: a client that waits until then finds the limit reset.
fn epoch(time: Timestamp) -> u64 {
    u64::try_from(time.as_millisecond()).unwrap_or(0).div_ceil(1000)
}

fn number(headers: &mut HeaderMap, name: &'static str, value: u64) {
    headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
}

/// What `If-Match` or `If-None-Match` names: tags in their quotes, or `*`. A proxy that compresses makes a tag weak: it is still the version's.
pub(crate) fn tags(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter();
    let tags = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    tags.map(|tag| tag.trim().trim_start_matches("W/"))
}

pub(crate) fn text(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// The headers that a response has unless it says otherwise.
#[must_use]
pub fn common() -> HeaderMap {
    let mut headers = HeaderMap::new();
    security(&mut headers);
    headers
}

/// An API sends data: nothing in it may be rendered, framed, sniffed or kept by a cache.
pub(crate) fn security(headers: &mut HeaderMap) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("strict-transport-security", HTTPS_ONLY),
    ] {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let policy = headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
    // For browsers that do not know the policy's word for it. It could not name the sites that may.
    if policy.to_str().is_ok_and(|policy| policy.contains("frame-ancestors 'none'")) {
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// Lets the configured origins read the response. Tokens travel in a header, so credentials are never allowed.
pub(crate) fn cors(headers: &mut HeaderMap, config: &Config, origin: Option<&HeaderValue>) {
    if config.cors_origins.is_empty() {
        return;
    }
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    let Some(origin) = origin.filter(|origin| allows(config, origin)) else { return };
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

/// What a preflight may ask for.
pub(crate) fn preflight(headers: &mut HeaderMap, config: &Config, origin: Option<&HeaderValue>, allow: &str) {
    if !origin.is_some_and(|origin| allows(config, origin)) {
        return;
    }
    text(headers, "access-control-allow-methods", allow);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED));
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from(PREFLIGHT_SECONDS));
}

fn allows(config: &Config, origin: &HeaderValue) -> bool {
    config.cors_origins.iter().any(|allowed| allowed == "*" || allowed.as_bytes() == origin.as_bytes())
}
