//! Reads one variable after the other, by the rule of its kind.

use std::cell::RefCell;

use http::HeaderName;

use domain::{MOST_DOLLARS, ModelList, PublicOrigin, Rollout, micro_dollars};
use platform::{Setting, VariableUnreadable, Variables};

use super::{Complaint, Variable};

/// HS256 needs a key at least as long as its hash (RFC 7518 §3.2).
const JWT_SECRET_MIN_BYTES: usize = 32;

/// As much as a database of ours could ever hold.
const MOST_MEGABYTES: u64 = 10_000_000;

/// What an origin looks like.
const ORIGIN: &str = "https://host[:port], or http://localhost[:port], of a host with a name and without a path";

/// Variables by the table, and what is wrong with them.
///
/// All are asked for before the first is looked at: a wait in each rule made more code than the rules.
#[derive(Default)]
pub(super) struct VariableReader {
    found: Vec<(&'static Variable, Result<Setting, VariableUnreadable>)>,
    pub complaints: RefCell<Vec<Complaint>>,
}

impl VariableReader {
    /// Asks for these.
    pub async fn ask(&mut self, variables: &dyn Variables, wanted: impl Iterator<Item = &'static Variable>) {
        for variable in wanted {
            self.found.push((variable, variables.read(variable.name).await));
        }
    }

    /// Remembers what `variable` breaks; its value is empty then.
    pub fn complain<T: Default>(&self, variable: &'static str, rule: String) -> T {
        let mut complaints = self.complaints.borrow_mut();
        // What could not be read breaks other rules, too.
        if !complaints.iter().any(|known| known.variable == variable) {
            complaints.push(Complaint { variable, rule });
        }
        T::default()
    }

    /// Whether a function that has no use for `name` is not given it.
    pub fn is_withheld(&self, name: &'static str) -> bool {
        self.found.iter().any(|(variable, found)| variable.name == name && *found == Ok(Setting::Withheld))
    }

    /// Several, separated by commas.
    pub fn list(&self, name: &'static str) -> Vec<String> {
        self.text(name).split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    pub fn text(&self, name: &'static str) -> String {
        let Some((variable, found)) = self.found.iter().find(|(variable, _)| variable.name == name) else {
            return self.complain(name, "is not set".to_owned());
        };
        match found {
            Ok(Setting::Value(value)) if !value.trim().is_empty() => value.trim().to_owned(),
            Ok(Setting::Withheld) => variable.default.unwrap_or_default().to_owned(),
            Ok(Setting::Value(_) | Setting::Unset) => match variable.default {
                Some(default) => default.to_owned(),
                None => self.complain(name, "is not set".to_owned()),
            },
            Err(VariableUnreadable) => self.complain(name, "cannot be read: what holds it gives no answer".to_owned()),
        }
    }

    pub fn number<T: TryFrom<u64> + Default>(&self, name: &'static str, least: u64, most: u64) -> T {
        T::try_from(self.whole(name, least, most)).unwrap_or_default()
    }

    fn whole(&self, name: &'static str, least: u64, most: u64) -> u64 {
        let number = self.text(name).parse().ok().filter(|number| (least..=most).contains(number));
        number.unwrap_or_else(|| self.complain(name, format!("must be a whole number from {least} to {most}")))
    }

    /// The value of the word that is set. After a complaint: the first value, discarded with the configuration.
    pub fn one_of<T: Copy>(&self, name: &'static str, first: (&str, T), others: &[(&str, T)]) -> T {
        let text = self.text(name);
        let known = || std::iter::once(&first).chain(others);
        let meant = known().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, value)| *value);
        meant.unwrap_or_else(|| {
            let words: Vec<&str> = known().map(|(word, _)| *word).collect();
            self.complain::<()>(name, format!("must be one of {}", words.join(", ")));
            first.1
        })
    }

    /// An amount of dollars, in micro-dollars.
    pub fn dollars(&self, name: &'static str) -> u64 {
        let amount = micro_dollars(&self.text(name));
        amount.unwrap_or_else(|| {
            self.complain(name, format!("must be an amount of US dollars from 0 to {MOST_DOLLARS}, such as 1.00"))
        })
    }

    /// A number of megabytes, in bytes.
    pub fn megabytes(&self, name: &'static str) -> u64 {
        self.number::<u64>(name, 0, MOST_MEGABYTES) * 1_000_000
    }

    pub fn switch(&self, name: &'static str) -> bool {
        self.one_of(name, ("false", false), &[("0", false), ("true", true), ("1", true)])
    }

    pub fn header_name(&self, name: &'static str) -> Option<HeaderName> {
        let text = Some(self.text(name)).filter(|text| !text.is_empty())?;
        text.parse().ok().or_else(|| self.complain(name, "must be the name of a header".to_owned()))
    }

    pub fn origin(&self, name: &'static str) -> Option<PublicOrigin> {
        let text = Some(self.text(name)).filter(|text| !text.is_empty())?;
        PublicOrigin::parse(&text).ok().or_else(|| self.complain(name, format!("must be {ORIGIN}")))
    }

    /// A list of origins; empty where one of them is none.
    pub fn origins(&self, name: &'static str) -> Vec<PublicOrigin> {
        let read: Result<Vec<_>, _> = self.list(name).iter().map(|one| PublicOrigin::parse(one)).collect();
        read.unwrap_or_else(|_| self.complain(name, format!("must be a list, separated by commas, of {ORIGIN}")))
    }

    pub fn http_url(&self, name: &'static str) -> String {
        let text = self.text(name);
        self.checked_url(name, text)
    }

    pub fn checked_url(&self, name: &'static str, text: String) -> String {
        if text.is_empty() || is_http_url(&text) {
            text
        } else {
            self.complain(name, "must be an http:// or https:// URL without a name or password".to_owned())
        }
    }

    /// What is sent in a header. `fetch` takes no more than ASCII there.
    pub fn header_value(&self, name: &'static str) -> String {
        let text = self.text(name);
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            text
        } else {
            self.complain(name, "must be ASCII without control characters, as it travels in a header".to_owned())
        }
    }

    /// A secret that signs or verifies. Empty is allowed for an optional one only: a token signed with an empty secret could be made by anybody.
    pub fn signing_secret(&self, name: &'static str) -> String {
        let secret = self.text(name);
        let is_required = self.found.iter().any(|(variable, _)| variable.name == name && variable.default.is_none());
        if secret.is_empty() && is_required {
            self.complain(name, "is not set".to_owned())
        } else if secret.is_empty() || secret.len() >= JWT_SECRET_MIN_BYTES {
            secret
        } else {
            self.complain(name, format!("must have at least {JWT_SECRET_MIN_BYTES} bytes"))
        }
    }

    /// The list of `name`, led by the model that `leader` names, if it names one.
    pub fn models(&self, name: &'static str, leader: &'static str) -> ModelList {
        let models = ModelList::parse(&self.text(name)).unwrap_or_else(|error| {
            self.complain(name, format!("must be a list of id[=label][@USD in/out], and {error}"))
        });
        match self.text(leader) {
            id if id.is_empty() => models,
            id => models.led_by(&id).unwrap_or_else(|error| self.complain(leader, error.to_string())),
        }
    }

    pub fn rollout(&self, name: &'static str) -> Rollout {
        Rollout::parse(&self.text(name)).unwrap_or_else(|_| {
            self.complain::<()>(name, "must be all, admins or a percentage from 0 to 100".to_owned());
            Rollout::Admins
        })
    }
}

/// Whether `fetch` would take it: it throws at a name or a password, and at a port that is none.
fn is_http_url(text: &str) -> bool {
    let Ok(uri) = text.parse::<http::Uri>() else { return false };
    let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
    let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let port = uri.host().filter(|host| !host.is_empty()).and_then(|host| authority.strip_prefix(host));
    is_http && !authority.contains('@') && port.is_some_and(|port| port.is_empty() || uri.port_u16().is_some())
}
