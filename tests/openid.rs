//! A real OpenID provider (`tests/provider`), and the browser that somebody has there.

use std::collections::HashMap;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::Arc;

use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use reqwest::{RequestBuilder, Response, Url};

use crate::server::Process;
use crate::variable;

/// What the provider knows us by.
pub const CLIENT_ID: &str = "edgewise-test";
/// What proves us there.
pub const CLIENT_SECRET: &str = "a secret of the tests: & more";

/// A provider. It ends with the last handle to it.
#[derive(Clone)]
pub struct OpenIdProvider {
    process: Arc<Process>,
}

impl OpenIdProvider {
    /// One that sends browsers back to `callback`.
    pub async fn started(callback: &str) -> Self {
        let mut command = Command::new("sh");
        command.arg("-c").arg(variable("PROVIDER_COMMAND")).stdout(Stdio::piped()).stderr(Stdio::null());
        command.process_group(0).env("CALLBACKS", callback);
        let process = tokio::task::spawn_blocking(move || Process::start(command, "ready ")).await.expect("a provider");
        Self { process: Arc::new(process) }
    }

    /// Who it is.
    pub fn issuer(&self) -> &str {
        self.process.base()
    }

    /// Goes to `url`, signs in there by this name, and says where the provider sends the browser back to.
    pub async fn signs_in(&self, url: &str, name: &str) -> Url {
        let mut browser = Browser::default();
        let page = browser.follow(url).await.expect("a page to sign in");
        let typed = [("prompt", "login"), ("login", name), ("password", "any")];
        let mut form = page.clone();
        form.query_pairs_mut().clear().extend_pairs(typed);
        let sent = browser.http.post(page.clone()).body(form.query().unwrap_or_default().to_owned());
        let sent = sent.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let sent = browser.send(sent, &page).await;
        browser.follow(sent.as_str()).await.expect_err("a way back")
    }

    /// Goes to `url`, calls it off there, and says where the provider sends the browser back to.
    pub async fn calls_off(&self, url: &str) -> Url {
        let mut browser = Browser::default();
        let page = browser.follow(url).await.expect("a page to sign in");
        browser.follow(&format!("{page}/abort")).await.expect_err("a way back")
    }

    /// Goes to `url`, which the provider refuses at once; where it sends the browser back to.
    pub async fn refuses(&self, url: &str) -> Url {
        Browser::default().follow(url).await.expect_err("a way back")
    }
}

/// A browser that has been nowhere.
struct Browser {
    http: reqwest::Client,
    cookies: HashMap<String, String>,
}

impl Default for Browser {
    fn default() -> Self {
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self { http: http.build().expect("a client"), cookies: HashMap::new() }
    }
}

impl Browser {
    /// Follows the provider's redirects to a page of its own, or to where it sends the browser away (`Err`).
    async fn follow(&mut self, url: &str) -> Result<Url, Url> {
        let mut at = Url::parse(url).expect("an address");
        let host = at.host_str().map(str::to_owned);
        for _ in 0..10 {
            if at.host_str() != host.as_deref() {
                return Err(at);
            }
            let next = self.send(self.http.get(at.clone()), &at).await;
            if next == at {
                return Ok(at);
            }
            at = next;
        }
        panic!("{url} leads in circles");
    }

    /// Where the answer leads; the page itself, if it leads nowhere.
    async fn send(&mut self, request: RequestBuilder, at: &Url) -> Url {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header(COOKIE, cookies.join("; ")).send().await.expect("the provider's answer");
        self.keep(&answer);
        let leads = answer.headers().get(LOCATION).map(|value| value.to_str().expect("an address").to_owned());
        let status = answer.status();
        match leads {
            Some(location) => at.join(&location).expect("an address"),
            None if status.is_success() => at.clone(),
            None => panic!("{at}: {status} {}", answer.text().await.unwrap_or_default()),
        }
    }

    fn keep(&mut self, answer: &Response) {
        let set = answer.headers().get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        for (name, value) in set.filter_map(|cookie| cookie.split(';').next()?.split_once('=')) {
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
    }
}
