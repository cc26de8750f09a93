//! Variables of those who vouch for somebody: each is off until it has an id.

use std::cell::RefCell;
use std::rc::Rc;

use domain::ProviderId;
use infrastructure::providers::Endpoints;
use jiff::Timestamp;

use super::Config;
use super::reader::VariableReader;

/// The longest name that a page shows of a provider, in characters.
const MAX_NAME_CHARS: usize = 40;

/// What a provider knows us by.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The client's id.
    pub id: String,
    /// Its secret. Empty where a function has no use for it.
    pub secret: String,
}

/// `OIDC_…`: any provider that speaks OpenID Connect.
#[derive(Clone, Debug)]
pub struct OpenIdProvider {
    /// `OIDC_ID` and `OIDC_SECRET`.
    pub client: Provider,
    /// `OIDC_ISSUER`, as it stands in ID tokens.
    pub issuer: String,
    /// `OIDC_NAME`, or the issuer's host.
    pub name: String,
    /// What it says of itself.
    pub known: Known,
}

/// What a provider has said of itself, and until when that holds. It is kept as long as the configuration is: an isolate asks once in a while.
pub type Known = Rc<RefCell<Option<(Timestamp, Endpoints)>>>;

/// Who may vouch for somebody.
#[derive(Clone, Debug)]
pub struct Providers {
    /// `OAUTH_GITHUB_…`.
    pub github: Option<Provider>,
    /// `OAUTH_GITHUB_URL`.
    pub github_url: String,
    /// `OAUTH_GOOGLE_…`.
    pub google: Option<Provider>,
    /// `OIDC_…`.
    pub oidc: Option<OpenIdProvider>,
}

impl Providers {
    pub(super) fn read(reader: &VariableReader) -> Self {
        let issuer = reader.text("OIDC_ISSUER");
        if !issuer.is_empty() && !is_issuer(&issuer) {
            let rule = "must be an https:// URL without a query, or http:// of this machine (localhost, 127.0.0.1)";
            reader.complain::<()>("OIDC_ISSUER", rule.to_owned());
        }
        let client = read_client(reader, "OIDC_ID", "OIDC_SECRET");
        for (name, is_set, other, other_is_set) in [
            ("OIDC_ID", client.is_some(), "OIDC_ISSUER", !issuer.is_empty()),
            ("OIDC_ISSUER", !issuer.is_empty(), "OIDC_ID", client.is_some()),
        ] {
            if !is_set && other_is_set {
                reader.complain::<()>(name, format!("must be set while {other} is"));
            }
        }
        let host = issuer.parse::<http::Uri>().ok().and_then(|uri| uri.host().map(str::to_owned)).unwrap_or_default();
        let name = Some(reader.text("OIDC_NAME")).filter(|name| !name.is_empty()).unwrap_or(host);
        let is_shown = !name.contains(char::is_control) && name.chars().count() <= MAX_NAME_CHARS;
        let name = if is_shown {
            name
        } else {
            reader.complain("OIDC_NAME", format!("must have at most {MAX_NAME_CHARS} characters on one line"))
        };
        Self {
            github: read_client(reader, "OAUTH_GITHUB_ID", "OAUTH_GITHUB_SECRET"),
            github_url: read_github_url(reader),
            google: read_client(reader, "OAUTH_GOOGLE_ID", "OAUTH_GOOGLE_SECRET"),
            oidc: client.map(|client| OpenIdProvider { client, issuer, name, known: Known::default() }),
        }
    }

    /// Whether there is such a provider here.
    #[must_use]
    pub fn has(&self, provider: ProviderId) -> bool {
        match provider {
            ProviderId::GitHub => self.github.is_some(),
            ProviderId::Google => self.google.is_some(),
            ProviderId::Oidc => self.oidc.is_some(),
        }
    }

    /// What a page calls it.
    #[must_use]
    pub fn name(&self, provider: ProviderId) -> &str {
        match provider {
            ProviderId::GitHub => "GitHub",
            ProviderId::Google => "Google",
            ProviderId::Oidc => self.oidc.as_ref().map_or("", |oidc| &oidc.name),
        }
    }
}

impl Config {
    /// Complains about a provider that has no address to send a browser back to.
    pub(super) fn check_providers(&self, reader: &VariableReader) {
        if self.accounts.is_none() || self.public_origin.is_some() {
            return;
        }
        let ids = ["OAUTH_GITHUB_ID", "OAUTH_GOOGLE_ID", "OIDC_ID"];
        if let Some((_, id)) = ProviderId::ALL.iter().zip(ids).find(|(provider, _)| self.providers.has(**provider)) {
            reader.complain::<()>("PUBLIC_ORIGIN", format!("must be set while {id} is: it sends browsers back there"));
        }
    }

    /// Who may vouch for somebody here.
    pub fn offered_providers(&self) -> impl Iterator<Item = ProviderId> {
        let is_on = self.accounts.is_some() && self.public_origin.is_some();
        ProviderId::ALL.into_iter().filter(move |provider| is_on && self.providers.has(*provider))
    }
}

/// The two halves of a client: one without the other is a mistake.
fn read_client(reader: &VariableReader, id: &'static str, secret: &'static str) -> Option<Provider> {
    let read = Provider { id: reader.text(id), secret: reader.text(secret) };
    match (read.id.is_empty(), read.secret.is_empty() && !reader.is_withheld(secret)) {
        (true, false) if !reader.is_withheld(secret) => reader.complain(id, format!("must be set while {secret} is")),
        (true, _) => None,
        (false, true) => reader.complain(secret, format!("must be set while {id} is")),
        (false, false) => Some(read),
    }
}

/// Where GitHub is. What it says is believed because of TLS, so it is `https`, but on this machine.
fn read_github_url(reader: &VariableReader) -> String {
    let url = reader.http_url("OAUTH_GITHUB_URL").trim_end_matches('/').to_owned();
    if is_issuer(&url) && !url.contains(char::is_uppercase) {
        return url;
    }
    reader.complain("OAUTH_GITHUB_URL", "must be an https address in small letters".to_owned())
}

/// OpenID Connect Core §2 asks for TLS; what does not leave the machine needs none.
fn is_issuer(text: &str) -> bool {
    let Ok(uri) = text.parse::<http::Uri>() else { return false };
    let is_local = matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"));
    let has_no_end = !text.contains(['?', '#', '\n']);
    has_no_end
        && match uri.scheme_str() {
            Some("https") => uri.host().is_some(),
            Some("http") => is_local,
            _ => false,
        }
}
