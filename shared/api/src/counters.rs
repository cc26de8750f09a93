//! Under what a request is counted, where the platform has counters of its own: Cloudflare's, asked by `runtime-workers/src/gate.rs` before anything else.
//!
//! An address may be a school's or a town's. So what shuts out is counted on the one who caused it, a token; an address by itself has only as
//! many calls where nobody is known who could have caused them, and far more of them where somebody is.

use std::net::IpAddr;

use http::{Method, header, request};

/// What is counted, with a limit of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counter {
    /// What one token asks for, and what one address asks for without any.
    Requests,
    /// What one address asks for with tokens, whosever they are: they cost nothing to make up.
    Address,
    /// What only reads the stores, of one token from one address: many visitors may share an address.
    Reads,
}

/// What only reads the stores.
const READ_FROM: [&str; 4] = ["/api/v1/chat/", "/api/v1/me", "/v1/models", "/api/v1/openai/models"];

/// The longest key, in bytes: the end of a token's signature, or of an API key, of which no more than that is written anywhere.
const LONGEST_KEY: usize = 16;

/// The counters that a request counts in, each with its key there. An IPv6 customer has a /64; a token is known by the end of its signature. No key
/// is another counter's, so that one set of them tells what was refused.
#[must_use]
pub fn counted_by(asked: &request::Parts, client: Option<IpAddr>) -> Vec<(Counter, String)> {
    let network = match client.map(|client| client.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => format!("{:x}", address.to_bits() >> 64),
        None => String::new(),
    };
    let token = asked.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    // How many blanks stand before it makes it no other.
    let end = token.and_then(|token| token.rsplit(|one: char| one == '.' || one.is_ascii_whitespace()).next());
    let signature = end.and_then(|end| end.get(end.len().saturating_sub(LONGEST_KEY)..));
    let Some(signature) = signature.filter(|signature| !signature.is_empty()) else {
        let nobody = (!network.is_empty()).then(|| (Counter::Requests, format!("nobody {network}")));
        return nobody.into_iter().collect();
    };
    let mut counted = vec![(Counter::Requests, format!("token {signature}"))];
    if !network.is_empty() {
        counted.push((Counter::Address, format!("address {network}")));
    }
    let only_reads = [Method::GET, Method::HEAD].contains(&asked.method);
    if only_reads && READ_FROM.iter().any(|from| asked.uri.path().starts_with(from)) {
        counted.push((Counter::Reads, format!("reads {signature} {network}")));
    }
    counted
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counters and keys of a request.
    fn counted(method: &str, path: &str, token: Option<&str>, client: &str) -> Vec<(Counter, String)> {
        let mut asked = http::Request::builder().method(method).uri(path);
        if let Some(token) = token {
            asked = asked.header("authorization", token);
        }
        counted_by(&asked.body(()).unwrap().into_parts().0, client.parse().ok())
    }

    #[test]
    fn a_token_pays_for_itself_and_an_address_for_what_comes_without_one() {
        use Counter::{Address, Reads, Requests};
        const TOKEN: Option<&str> = Some("Bearer head.claims.0123456789abcdefghij");
        for (method, path, token, client, expected) in [
            // Without a token nobody is known but the address, whatever is asked for.
            ("GET", "/api/v1/config", None, "192.0.2.1", &[(Requests, "nobody 192.0.2.1")][..]),
            ("POST", "/api/v1/auth/guest", None, "192.0.2.1", &[(Requests, "nobody 192.0.2.1")]),
            ("GET", "/api/v1/chat/quota", None, "192.0.2.1", &[(Requests, "nobody 192.0.2.1")]),
            ("GET", "/api/v1/config", Some(""), "192.0.2.1", &[(Requests, "nobody 192.0.2.1")]),
            ("GET", "/api/v1/config", Some("Bearer a.b."), "192.0.2.1", &[(Requests, "nobody 192.0.2.1")]),
            ("GET", "/api/v1/config", None, "", &[]),
            // Of IPv6 a /64 is one address; an IPv4 one in IPv6's clothes is itself.
            ("GET", "/api/v1/config", None, "2001:db8:1:2:3::4", &[(Requests, "nobody 20010db800010002")]),
            ("GET", "/api/v1/config", None, "2001:db8:1:2::ffff", &[(Requests, "nobody 20010db800010002")]),
            ("GET", "/api/v1/config", None, "2001:db8:1:3::4", &[(Requests, "nobody 20010db800010003")]),
            ("GET", "/api/v1/config", None, "::ffff:192.0.2.1", &[(Requests, "nobody 192.0.2.1")]),
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
                Some("bearer   ew_0123456789abcdefghij"),
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
        // Characters that a cut would halve make no key, and no fault.
        let odd = http::Request::builder().header("authorization", "Bearer é".repeat(9).as_bytes());
        assert_eq!(counted_by(&odd.body(()).unwrap().into_parts().0, None), []);
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
            let token = format!("Bearer head.claims.signature-of-{visitor:02}");
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
