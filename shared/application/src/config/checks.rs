//! Rules that join several variables: each is right by itself, and together they would serve nobody.

use domain::estimated_tokens;

use super::reader::Reader;
use super::{Config, GuestChallenge, QuotaFailMode};

impl Config {
    /// What an answer costs at most, in micro-dollars: the longest prompt and the longest text of the dearest model.
    pub(super) fn dearest_answer(&self) -> u64 {
        self.models.dearest().map_or(0, |price| price.cost(self.context_tokens, self.max_tokens.into()))
    }

    /// A budget that nothing would be counted against, or that allows no message, is none.
    pub(super) fn check_budget(&self, reader: &Reader) {
        if self.daily_budget == 0 {
            return;
        }
        if self.quota_fail_mode == QuotaFailMode::Open {
            let rule =
                "must be closed while CHAT_DAILY_BUDGET_USD is set: nothing would be counted while Redis is down";
            reader.complain::<()>("QUOTA_FAIL_MODE", rule.to_owned());
        }
        let needed = self.dearest_answer();
        if needed == 0 {
            let rule = "needs a model with a price, such as id=label@0.60/1.20, while CHAT_DAILY_BUDGET_USD is set";
            reader.complain::<()>("SAMBANOVA_MODELS", rule.to_owned());
        } else if self.daily_budget / 4 < needed {
            // A quarter of it is for one hour.
            let dollars = (needed * 4).div_ceil(10_000);
            let rule = format!(
                "must be 0 or at least {}.{:02}: four answers of the longest kind",
                dollars / 100,
                dollars % 100
            );
            reader.complain::<()>("CHAT_DAILY_BUDGET_USD", rule);
        }
    }

    /// Instructions that leave no room for a conversation would have every message refused.
    pub(super) fn check_instructions(&self, reader: &Reader) {
        let (tokens, most) = (estimated_tokens(&self.system_prompt), self.context_tokens / 2);
        if tokens > most {
            let rule = format!("takes some {tokens} tokens, and may take {most}: half of CHAT_MAX_CONTEXT_TOKENS");
            reader.complain::<()>("CHAT_SYSTEM_PROMPT", rule);
        }
    }

    /// Nobody could come in where a visitor is to be proved and cannot be.
    pub(super) fn check_turnstile(&self, reader: &Reader) {
        if self.guest_challenge != GuestChallenge::Turnstile {
            return;
        }
        let keys = [("TURNSTILE_SITE_KEY", &self.turnstile_site_key), ("TURNSTILE_SECRET", &self.turnstile_secret)];
        for (name, _) in keys.into_iter().filter(|(_, value)| value.is_empty()) {
            // A function that has no use for the secret is not given it.
            if !reader.is_withheld(name) {
                reader.complain::<()>(name, "is not set, while GUEST_CHALLENGE is turnstile".to_owned());
            }
        }
    }
}
