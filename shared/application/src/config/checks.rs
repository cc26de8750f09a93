//! Rules about several variables together: each value is allowed by itself, and the combination would refuse every message.

use domain::{TITLE_PROMPT_TOKENS, TokenPrice, estimated_tokens, title_tokens};
use infrastructure::redis::BUDGET_HOURS;

use super::reader::VariableReader;
use super::{Config, GuestChallenge, QuotaFailMode};

const MICRO_DOLLARS_PER_CENT: u64 = 10_000;

fn title_cost(price: TokenPrice, thinks: bool) -> u64 {
    price.cost(TITLE_PROMPT_TOKENS, title_tokens(thinks).into())
}

impl Config {
    /// What an answer costs at most, in micro-dollars: the longest prompt and the longest text of the dearest model, and the title that may come with it. Whether
    /// a model thinks is not known before it answers.
    pub(super) fn dearest_answer(&self) -> u64 {
        let price = |price: TokenPrice| {
            let title = if self.titles_by_model { title_cost(price, true) } else { 0 };
            price.cost(self.context_tokens, self.max_tokens.into()).saturating_add(title)
        };
        self.models.dearest().map_or(0, price)
    }

    /// What a title by this model costs at most, in micro-dollars.
    pub(crate) fn title_cost(&self, model: &str, thinks: bool) -> u64 {
        self.models.price_of(model).map_or(0, |price| title_cost(price, thinks))
    }

    /// Complains about a budget that cannot be enforced, or that is below four answers: an hour must have room for one.
    pub(super) fn check_budget(&self, reader: &VariableReader) {
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
        } else if self.daily_budget / BUDGET_HOURS < needed {
            let cents = (needed * BUDGET_HOURS).div_ceil(MICRO_DOLLARS_PER_CENT);
            let rule =
                format!("must be 0 or at least {}.{:02}: four answers of the longest kind", cents / 100, cents % 100);
            reader.complain::<()>("CHAT_DAILY_BUDGET_USD", rule);
        }
    }

    /// Instructions that leave no room for messages would have every message refused.
    pub(super) fn check_instructions(&self, reader: &VariableReader) {
        let (tokens, most) = (estimated_tokens(&self.system_prompt), self.context_tokens / 2);
        if tokens > most {
            let rule = format!("takes some {tokens} tokens, and may take {most}: half of CHAT_MAX_CONTEXT_TOKENS");
            reader.complain::<()>("CHAT_SYSTEM_PROMPT", rule);
        }
    }

    /// Complains about missing Turnstile keys: without them no guest can be made.
    pub(super) fn check_turnstile(&self, reader: &VariableReader) {
        if self.guest_challenge != GuestChallenge::Turnstile {
            return;
        }
        let keys = [("TURNSTILE_SITE_KEY", &self.turnstile_site_key), ("TURNSTILE_SECRET", &self.turnstile_secret)];
        for (name, _) in keys.into_iter().filter(|(_, value)| value.is_empty()) {
            // A Spin component does not receive secrets that it has no use for: no fault.
            if !reader.is_withheld(name) {
                reader.complain::<()>(name, "is not set, while GUEST_CHALLENGE is turnstile".to_owned());
            }
        }
    }
}
