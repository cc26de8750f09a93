//! A server's answer, and what every answer must keep to.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// `METHOD path`, for messages.
    pub call: String,
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{} is not JSON ({error}): {}", self.call, self.shown()))
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The beginning of the body, for messages.
    pub fn shown(&self) -> String {
        self.text().chars().take(600).collect()
    }

    /// A header, if it is there.
    pub fn optional_header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("a header of visible characters"))
    }

    /// A header that must be there.
    pub fn header(&self, name: &str) -> &str {
        self.optional_header(name)
            .unwrap_or_else(|| panic!("{} ({}) has no header {name}: {:?}", self.call, self.status, self.headers))
    }

    /// A header that is a whole number.
    pub fn number(&self, name: &str) -> i64 {
        self.header(name)
            .parse()
            .unwrap_or_else(|_| panic!("{}: {name} is no number: {}", self.call, self.header(name)))
    }

    /// Checks the status.
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.call, self.shown());
        self
    }

    /// Checks that this is the error `code` with `status`, in the one envelope, and gives what is under `error`.
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let error = self.any_problem();
        assert_eq!((self.status, error["code"].as_str()), (status, Some(code)), "{}: {}", self.call, self.shown());
        error
    }

    /// Checks the envelope of an error and gives what is under `error`.
    pub fn any_problem(&self) -> Value {
        assert!(self.status >= 400, "{} should have failed: {} {}", self.call, self.status, self.shown());
        let error = self.json()["error"].clone();
        assert!(error["code"].as_str().is_some_and(|code| !code.is_empty()), "{}: {}", self.call, self.shown());
        assert!(error["message"].as_str().is_some_and(|words| !words.is_empty()), "{}: {}", self.call, self.shown());
        assert_eq!(error["request_id"].as_str(), Some(self.header("x-request-id")), "{}", self.call);
        self.check_should_retry(&error);
        error
    }

    /// Checks that a client which repeats requests by itself is told where that is of no use, and only there.
    fn check_should_retry(&self, error: &Value) {
        let code = error["code"].as_str().unwrap_or_default();
        let wait = error["retry_after"].as_i64().unwrap_or(0);
        let is_useless = match self.status {
            429 => code == "quota_exceeded" || wait > 120,
            500.. => ["misconfigured", "not_supported"].contains(&code) || wait > 120,
            _ => true,
        };
        let told = self.optional_header("x-should-retry");
        assert_eq!(told, is_useless.then_some("false"), "{}: {error}", self.call);
    }

    /// Whether the stream's last event says that the answer could not be stored in time.
    pub fn is_stored_late(&self) -> bool {
        is_stored_late(&self.body)
    }

    /// The text of a streamed answer.
    pub fn said(&self) -> String {
        said(&self.body)
    }

    /// Checks the quota headers against each other and against the body of a 429.
    pub fn check_quota_headers(&self) {
        for window in ["x-ratelimit", "x-daily-quota"] {
            let limit = self.number(&format!("{window}-limit"));
            let remaining = self.number(&format!("{window}-remaining"));
            let reset = self.number(&format!("{window}-reset"));
            assert!((0..=limit).contains(&remaining), "{}: {window} has {remaining} of {limit} left", self.call);
            assert!(reset > 1_700_000_000, "{}: {window}-reset is in epoch seconds, got {reset}", self.call);
        }
        let day = 86_400;
        assert_eq!(self.number("x-daily-quota-reset") % day, 0, "the day ends at midnight UTC");
        // draft-ietf-httpapi-ratelimit-headers: `"name";r=remaining;t=seconds` and `"name";q=quota;w=window`.
        let remaining = quota_items(self.header("ratelimit"), "r");
        let policy = quota_items(self.header("ratelimit-policy"), "q");
        for (name, left) in &remaining {
            let (_, quota) =
                policy.iter().find(|(policy, _)| policy == name).unwrap_or_else(|| panic!("{name} has no policy"));
            assert!(left <= quota, "{name}: {left} of {quota}");
        }
        let mut seen: Vec<i64> = policy.iter().map(|(_, quota)| *quota).collect();
        seen.sort_unstable();
        let mut told = vec![self.number("x-ratelimit-limit"), self.number("x-daily-quota-limit")];
        told.sort_unstable();
        assert_eq!(seen, told, "RateLimit-Policy says what the X- headers say");
        if self.status == 429 {
            assert!(self.number("retry-after") >= 1, "a refused caller is told to wait a second at least");
        }
    }
}

/// The items of a RateLimit field: names, and the parameter asked for.
fn quota_items(field: &str, parameter: &str) -> Vec<(String, i64)> {
    field
        .split(',')
        .map(|item| {
            let mut parts = item.trim().split(';');
            let name = parts.next().unwrap_or_default();
            assert!(name.starts_with('"') && name.ends_with('"'), "a string item names the policy: {field}");
            let value = parts
                .filter_map(|part| part.trim().split_once('='))
                .find_map(|(key, value)| (key == parameter).then(|| value.parse().expect("an integer parameter")))
                .unwrap_or_else(|| panic!("{parameter} is missing in {field}"));
            (name.to_owned(), value)
        })
        .collect()
}

/// What stands before a stream's last event, where that says that the answer could not be stored in time (`not_saved`).
pub fn before_late_save(stream: &str) -> Option<&str> {
    stream.rsplit_once("event: error\n").filter(|(_, word)| word.contains("not_saved")).map(|(own, _)| own)
}

/// Whether a stream's last event says that the answer could not be stored in time.
pub fn is_stored_late(stream: &[u8]) -> bool {
    before_late_save(&String::from_utf8_lossy(stream)).is_some()
}

/// The text in a chat completion's event stream, as a client reads it: whole lines only. Kept apart from the product's own parser.
pub fn said(stream: &[u8]) -> String {
    let complete = stream.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let text = std::str::from_utf8(&stream[..complete]).expect("whole lines are UTF-8");
    let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
    let chunks = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
    chunks.filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str().map(str::to_owned)).collect()
}
