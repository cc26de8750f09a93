//! Reads one variable after the other, by the rule of its kind.

use std::cell::RefCell;

use http::HeaderName;

use domain::{MOST_DOLLARS, ModelList, Rollout, micro_dollars};
use platform::{VariableUnreadable, Variables};

use super::{Complaint, VARIABLES};

/// HS256 needs a key at least as long as its hash (RFC 7518 §3.2).
const JWT_SECRET_MIN_BYTES: usize = 32;

/// As much as a database of ours could ever hold.
const MOST_MEGABYTES: u64 = 10_000_000;

/// Reads variables by the table, and remembers what is wrong with them.
pub(super) struct VariableReader<'a> {
    pub variables: &'a dyn Variables,
    pub complaints: RefCell<Vec<Complaint>>,
}

impl VariableReader<'_> {
    /// Remembers what `variable` breaks; its value is empty then.
    pub fn complain<T: Default>(&self, variable: &'static str, rule: String) -> T {
        let mut complaints = self.complaints.borrow_mut();
        // What could not be read breaks other rules, too.
        if !complaints.iter().any(|known| known.variable == variable) {
            complaints.push(Complaint { variable, rule });
        }
        T::default()
    }

    pub async fn text(&self, name: &'static str) -> String {
        match self.variables.read(name).await {
            Ok(Some(value)) if !value.trim().is_empty() => return value.trim().to_owned(),
            Ok(_) => {}
            Err(VariableUnreadable) => {
                return self.complain(name, "cannot be read: what holds it gives no answer".to_owned());
            }
        }
        match default_of(name) {
            Some(default) => default.to_owned(),
            // A Spin component does not receive secrets that it has no use for: no fault.
            None if self.variables.is_withheld(name).await => String::new(),
            None => self.complain(name, "is not set".to_owned()),
        }
    }

    pub async fn number<T: TryFrom<u64> + Default>(&self, name: &'static str, least: u64, most: u64) -> T {
        let text = self.text(name).await;
        let number = text.parse().ok().filter(|number| (least..=most).contains(number));
        number
            .and_then(|number| T::try_from(number).ok())
            .unwrap_or_else(|| self.complain(name, format!("must be a whole number from {least} to {most}")))
    }

    /// The value of the word that is set. After a complaint: the first value, discarded with the configuration.
    pub async fn one_of<T: Copy>(&self, name: &'static str, first: (&str, T), others: &[(&str, T)]) -> T {
        let text = self.text(name).await;
        let known = || std::iter::once(&first).chain(others);
        let meant = known().find(|(word, _)| text.eq_ignore_ascii_case(word)).map(|(_, value)| *value);
        meant.unwrap_or_else(|| {
            let words: Vec<&str> = known().map(|(word, _)| *word).collect();
            self.complain::<()>(name, format!("must be one of {}", words.join(", ")));
            first.1
        })
    }

    /// An amount of dollars, in micro-dollars.
    pub async fn dollars(&self, name: &'static str) -> u64 {
        let amount = micro_dollars(&self.text(name).await);
        amount.unwrap_or_else(|| {
            self.complain(name, format!("must be an amount of US dollars from 0 to {MOST_DOLLARS}, such as 1.00"))
        })
    }

    /// A number of megabytes, in bytes.
    pub async fn megabytes(&self, name: &'static str) -> u64 {
        self.number::<u64>(name, 0, MOST_MEGABYTES).await * 1_000_000
    }

    pub async fn switch(&self, name: &'static str) -> bool {
        self.one_of(name, ("false", false), &[("0", false), ("true", true), ("1", true)]).await
    }

    pub async fn header_name(&self, name: &'static str) -> Option<HeaderName> {
        let text = Some(self.text(name).await).filter(|text| !text.is_empty())?;
        text.parse().ok().or_else(|| self.complain(name, "must be the name of a header".to_owned()))
    }

    pub async fn http_url(&self, name: &'static str) -> String {
        let text = self.text(name).await;
        self.checked_url(name, text)
    }

    pub fn checked_url(&self, name: &'static str, text: String) -> String {
        let is_http = text
            .parse::<http::Uri>()
            .is_ok_and(|uri| matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some());
        if is_http || text.is_empty() {
            text
        } else {
            self.complain(name, "must be an http:// or https:// URL".to_owned())
        }
    }

    /// A secret that signs or verifies. Empty is allowed for an optional one only: a token signed with an empty secret could be made by anybody.
    pub async fn signing_secret(&self, name: &'static str) -> String {
        let secret = self.text(name).await;
        if secret.is_empty() && default_of(name).is_none() {
            self.complain(name, "is not set".to_owned())
        } else if secret.is_empty() || secret.len() >= JWT_SECRET_MIN_BYTES {
            secret
        } else {
            self.complain(name, format!("must have at least {JWT_SECRET_MIN_BYTES} bytes"))
        }
    }

    /// The list of `name`, led by the model that `leader` names, if it names one.
    pub async fn models(&self, name: &'static str, leader: &'static str) -> ModelList {
        let models = ModelList::parse(&self.text(name).await).unwrap_or_else(|error| {
            self.complain(name, format!("must be a list of id[=label][@USD in/out], and {error}"))
        });
        match self.text(leader).await {
            id if id.is_empty() => models,
            id => models.led_by(&id).unwrap_or_else(|error| self.complain(leader, error.to_string())),
        }
    }

    pub async fn rollout(&self, name: &'static str) -> Rollout {
        Rollout::parse(&self.text(name).await).unwrap_or_else(|_| {
            self.complain::<()>(name, "must be all, admins or a percentage from 0 to 100".to_owned());
            Rollout::Admins
        })
    }
}

fn default_of(name: &str) -> Option<&'static str> {
    VARIABLES.iter().find(|variable| variable.name == name).and_then(|variable| variable.default)
}
