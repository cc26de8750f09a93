//! Under what a request is counted, where the platform has counters of its own: Cloudflare's, asked by `runtime-workers/src/gate.rs` before anything else.
//!
//! An address may be a school's or a town's. So what shuts out is counted on the one who caused it, a token; an address by itself has only as
//! many calls where nobody is known who could have caused them, and far more of them where somebody is. Only what was made here tells somebody apart: an
//! invented token is nobody's.

use std::net::IpAddr;

use application::Config;
use http::{Method, request};
use jiff::Timestamp;

use crate::caller::shown_of_ours;

/// What is counted, with a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// What one token asks for, and what one address asks for without any.
    Requests,
    /// What one address asks for with tokens, whosever they are: a guest's costs little.
    Address,
    /// What only reads the stores, of one token from one address: many visitors may share an address.
    Reads,
}

/// A request that may cost something, before anything of it is looked at.
pub struct Asked<'a> {
    /// Its method, address and headers.
    pub parts: &'a request::Parts,
    /// Where from, as the platform saw it.
    pub client: Option<IpAddr>,
    /// By what tokens are told from inventions; `None`: there is no chat that they would be good for.
    pub config: Option<&'a Config>,
    /// The present moment.
    pub now: Timestamp,
}

/// What only reads the stores.
const READ_FROM: [&str; 4] = ["/api/v1/chat/", "/api/v1/me", "/v1/models", "/api/v1/openai/models"];

/// What reads them for whoever asks.
const READ_BY_ANYBODY: [&str; 2] = ["/status", "/api/v1/status"];

/// The longest key, in bytes: the end of a token's signature, or of an API key, of which no more than that is written anywhere.
const LONGEST_KEY: usize = 16;

impl Asked<'_> {
    /// The counters that it counts in, each with its key there. An IPv6 customer has a /64; a token is known by the end of its signature. No key is another
    /// counter's, so that one set of them tells what was refused.
    #[must_use]
    pub fn counted_by(&self) -> Vec<(Counter, String)> {
        let token = self.config.and_then(|config| shown_of_ours(config, &self.parts.headers, self.now));
        counted_by(self.parts, self.client, token)
    }
}

/// `token`: one that was made here.
fn counted_by(asked: &request::Parts, client: Option<IpAddr>, token: Option<&str>) -> Vec<(Counter, String)> {
    let network = match client.map(|client| client.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{:x}", address.to_bits() >> 64),
        None => String::new(),
    };
    let path = asked.uri.path();
    let only_reads = [Method::GET, Method::HEAD].contains(&asked.method);
    let is_for_anybody = only_reads && READ_BY_ANYBODY.contains(&path);
    let mut counted = Vec::new();
    let Some(signature) = token.and_then(|token| token.get(token.len().saturating_sub(LONGEST_KEY)..)) else {
        if !network.is_empty() {
            counted.push((Counter::Requests, format!("nobody {network}")));
            counted.extend(is_for_anybody.then(|| (Counter::Reads, format!("reads nobody {network}"))));
        }
        return counted;
    };
    counted.push((Counter::Requests, format!("token {signature}")));
    if !network.is_empty() {
        counted.push((Counter::Address, format!("address {network}")));
    }
    if is_for_anybody || only_reads && READ_FROM.iter().any(|from| path.starts_with(from)) {
        counted.push((Counter::Reads, format!("reads {signature} {network}")));
    }
    counted
}

#[cfg(test)]
mod tests {
    use application::accounts::API_KEY_PREFIX;
    use async_trait::async_trait;
    use domain::{Role, User, UserId};
    use futures::executor::block_on;
    use jiff::SignedDuration;
    use platform::{Setting, VariableUnreadable, Variables};

    use super::*;
    use crate::token;

    /// The counters and keys of a request with a token of ours.
    fn counted(method: &str, path: &str, token: Option<&str>, client: &str) -> Vec<(Counter, String)> {
        let asked = http::Request::builder().method(method).uri(path).body(()).unwrap();
        counted_by(&asked.into_parts().0, client.parse().ok(), token)
    }

    #[test]
    fn a_token_pays_for_itself_and_an_address_for_what_comes_without_one() {
        use Counter::{Address, Reads, Requests};
        const TOKEN: Option<&str> = Some("head.claims.0123456789abcdefghij");
        for (method, path, token, client, expected) in [
            // Without a token nobody is known but the address, whatever is asked for.
            ("GET", "/api/v1/config", None, "192.0.2.1", &[(Requests, "nobody 192.0.2.1")][..]),
            ("POST", "/api/v1/auth/guest", None, "192.0.2.1", &[(Requests, "nobody 192.0.2.1")]),
            ("GET", "/api/v1/chat/quota", None, "192.0.2.1", &[(Requests, "nobody 192.0.2.1")]),
            ("GET", "/api/v1/config", None, "", &[]),
            // Of IPv6 a /64 is one address; an IPv4 one in IPv6's clothes is itself.
            ("GET", "/api/v1/config", None, "2001:db8:1:2:3::4", &[(Requests, "nobody 20010db800010002")]),
            ("GET", "/api/v1/config", None, "2001:db8:1:2::ffff", &[(Requests, "nobody 20010db800010002")]),
            ("GET", "/api/v1/config", None, "2001:db8:1:3::4", &[(Requests, "nobody 20010db800010003")]),
            ("GET", "/api/v1/config", None, "::ffff:192.0.2.1", &[(Requests, "nobody 192.0.2.1")]),
            // What is told to anybody is read like all else that only reads.
            ("GET", "/status", None, "192.0.2.1", &[(Requests, "nobody 192.0.2.1"), (Reads, "reads nobody 192.0.2.1")]),
            ("GET", "/api/v1/status", None, "", &[]),
            ("POST", "/api/v1/status", None, "192.0.2.1", &[(Requests, "nobody 192.0.2.1")]),
            (
                "HEAD",
                "/api/v1/status",
                TOKEN,
                "",
                &[(Requests, "token 456789abcdefghij"), (Reads, "reads 456789abcdefghij ")],
            ),
            // With one it is the token's, and far more may come from its address.
            (
                "POST",
                "/api/v1/chat/messages",
                TOKEN,
                "192.0.2.1",
                &[(Requests, "token 456789abcdefghij"), (Address, "address 192.0.2.1")],
            ),
            (
                "POST",
                "/api/v1/chat/messages",
                Some("ew_0123456789abcdefghij"),
                "192.0.2.1",
                &[(Requests, "token 456789abcdefghij"), (Address, "address 192.0.2.1")],
            ),
            ("POST", "/v1/chat/completions", TOKEN, "", &[(Requests, "token 456789abcdefghij")]),
            // What only reads the stores is counted once more; what the page reads at its start is not among it.
            (
                "GET",
                "/api/v1/chat/sessions",
                TOKEN,
                "2001:db8:1:2::1",
                &[
                    (Requests, "token 456789abcdefghij"),
                    (Address, "address 20010db800010002"),
                    (Reads, "reads 456789abcdefghij 20010db800010002"),
                ],
            ),
            (
                "HEAD",
                "/v1/models/x",
                TOKEN,
                "",
                &[(Requests, "token 456789abcdefghij"), (Reads, "reads 456789abcdefghij ")],
            ),
            (
                "GET",
                "/api/v1/config",
                TOKEN,
                "192.0.2.1",
                &[(Requests, "token 456789abcdefghij"), (Address, "address 192.0.2.1")],
            ),
        ] {
            let expected: Vec<_> = expected.iter().map(|(counter, key)| (*counter, (*key).to_owned())).collect();
            assert_eq!(counted(method, path, token, client), expected, "{method} {path} {token:?} from {client:?}");
        }
    }

    struct Set;

    #[async_trait(?Send)]
    impl Variables for Set {
        async fn read(&self, name: &str) -> Result<Setting, VariableUnreadable> {
            let value = match name {
                "FEATURE_CHAT_ENABLED" => "true",
                "SAMBANOVA_API_KEY" => "model-key",
                "DATABASE_URL" => "postgres://user:secret@ep-cool.region.example.com/chat",
                "UPSTASH_REDIS_REST_URL" => "https://redis.example.com",
                "UPSTASH_REDIS_REST_TOKEN" => "redis-token",
                "JWT_SECRET" => "0123456789abcdef0123456789abcdef",
                _ => return Ok(Setting::Unset),
            };
            Ok(Setting::Value(value.to_owned()))
        }
    }

    #[test]
    fn a_token_that_was_not_made_here_is_nobodys() {
        let config = block_on(Config::load(&Set)).unwrap().unwrap();
        let (now, user) = (Timestamp::from_second(1_800_000_000).unwrap(), UserId::new(Timestamp::UNIX_EPOCH, [1; 10]));
        let good = token::sign(&config, &User::new(user, Role::Guest), now).unwrap();
        let (claims, signature) = good.rsplit_once('.').unwrap();
        let key = |headers: &[&str], days: i64| {
            let asked = headers
                .iter()
                .fold(http::Request::builder(), |asked, one| asked.header("authorization", one.as_bytes()));
            let (parts, ()) = asked.body(()).unwrap().into_parts();
            let now = now + SignedDuration::from_hours(24 * days);
            let asked = Asked { parts: &parts, client: "192.0.2.1".parse().ok(), config: Some(&config), now };
            asked.counted_by().swap_remove(0).1
        };
        let of_token = format!("token {}", &signature[signature.len() - LONGEST_KEY..]);
        let shown = format!("Bearer {good}");
        // How it is written makes it no other, and a guest comes back with one that has ended.
        for (shown, days) in [(shown.clone(), 0), (format!("bearer   {good} "), 0), (shown.clone(), 40)] {
            assert_eq!(key(&[&shown], days), of_token, "{shown} after {days} days");
        }
        let other = if signature.starts_with('A') { 'B' } else { 'A' };
        for (invented, days) in [
            (String::new(), 0),
            ("Bearer".to_owned(), 0),
            ("Bearer a.b.".to_owned(), 0),
            ("Bearer head.claims.0123456789abcdefghij".to_owned(), 0),
            (format!("Bearer {claims}.{other}{}", &signature[1..]), 0),
            (format!("Bearer x{good}"), 0),
            (format!("Basic {good}"), 0),
            (format!("Bearer {API_KEY_PREFIX}{}", "0".repeat(32)), 0),
            ("Bearer é".repeat(9), 0),
            (shown.clone(), 220),
        ] {
            assert_eq!(key(&[&invented], days), "nobody 192.0.2.1", "{invented} after {days} days");
        }
        assert_eq!(key(&[&shown, &shown], 0), "nobody 192.0.2.1", "shown twice");
    }

    /// 60 visitors behind one address open the page in one minute and say three things each: what the limits of wrangler.toml must bear.
    #[test]
    fn a_school_that_opens_the_page_at_once_is_within_the_limits() {
        let manifest = include_str!("../../../wrangler.toml");
        let limit = |binding: &str| -> usize {
            let (_, after) = manifest.split_once(&format!("name = \"{binding}\"")).unwrap();
            let (_, after) = after.split_once("limit = ").unwrap();
            after.split_once(',').unwrap().0.parse().unwrap()
        };
        let mut counts = std::collections::HashMap::<(&str, String), usize>::new();
        for visitor in 0..60 {
            let token = format!("head.claims.signature-of-{visitor:02}");
            let opening = [("GET", "/api/v1/config"), ("POST", "/api/v1/auth/guest"), ("POST", "/api/v1/auth/guest")];
            let then = [("GET", "/api/v1/chat/sessions"), ("GET", "/api/v1/chat/quota")];
            let said = [("POST", "/api/v1/chat/messages"), ("GET", "/api/v1/chat/sessions")];
            let known = then.into_iter().chain(said.into_iter().cycle().take(6));
            let calls =
                opening.map(|call| (call, None)).into_iter().chain(known.map(|call| (call, Some(token.as_str()))));
            for ((method, path), token) in calls {
                for (counter, key) in counted(method, path, token, "192.0.2.1") {
                    let binding = match counter {
                        Counter::Requests => "REQUESTS_LIMIT",
                        Counter::Address => "ADDRESS_LIMIT",
                        Counter::Reads => "READS_LIMIT",
                    };
                    *counts.entry((binding, key)).or_default() += 1;
                }
            }
        }
        for ((binding, key), count) in counts {
            assert!(count <= limit(binding), "{count} of {key}");
        }
    }
}
