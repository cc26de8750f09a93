//! What a message was let in with, and how that is settled: lease, charge, idempotency key, breaker.

use std::net::IpAddr;

use domain::{BreakerChange, CallOutcome, Evidence, IdempotencyKey, Limits, Standing, TurnEnd, User};
use infrastructure::redis::{Address, BufferEnd, Run, Settlement, Ticket};
use platform::Level;

use crate::{App, address, alerts};

/// What is known of a model call when its message is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EndedCall {
    /// What it says about the model.
    pub outcome: CallOutcome,
    /// Something went wrong that its sender cannot bring about: its answer broke off, or a store gave none.
    pub is_fault: bool,
    /// What it has cost, in micro-dollars.
    pub cost: u64,
    /// What is kept of the turn, in bytes.
    pub bytes: u64,
    /// Models that were found gone.
    pub gone_models: Vec<String>,
}

impl Default for EndedCall {
    /// No call was made.
    fn default() -> Self {
        Self { outcome: CallOutcome::Inconclusive, is_fault: false, cost: 0, bytes: 0, gone_models: Vec::new() }
    }
}

impl EndedCall {
    /// What it says of how the chat does, where the turn has ended so.
    fn evidence(&self, end: TurnEnd) -> Evidence {
        if self.is_fault || self.outcome == CallOutcome::Failed {
            Evidence::Error
        } else if end == TurnEnd::Answered {
            Evidence::Answer
        } else {
            Evidence::None
        }
    }
}

/// A message that was let in, or may have been.
#[derive(Clone)]
pub(crate) struct Charge {
    pub id: Run,
    pub limits: Limits,
    /// The sender's address, hashed.
    pub address: Address,
    /// Whether the sender is counted by themselves, not with their address.
    pub has_account: bool,
    pub key: Option<IdempotencyKey>,
    /// Proof of work, as it was sent.
    pub proof: Option<String>,
    /// The model that its client chose is not the one that the breaker guards: how it does says nothing about that one.
    pub is_of_other_model: bool,
    /// Failures in a row that open the breaker; 0: it has no say.
    pub breaker_failures: u32,
    /// `None`: the counters gave no answer.
    pub ticket: Option<Ticket>,
}

impl Charge {
    /// What `caller` is to be charged for a message; without a ticket until they are admitted.
    pub fn new(app: &App, caller: &User, address: Option<IpAddr>, key: Option<IdempotencyKey>) -> Self {
        Self {
            id: Run { user: caller.id, request: app.request },
            limits: app.limits(caller),
            address: address::hash(app, address),
            has_account: caller.stands_alone(),
            key,
            proof: None,
            is_of_other_model: false,
            breaker_failures: app.config.breaker_failures,
            ticket: None,
        }
    }

    /// Whether this is the one call that tries a model which did not answer before.
    pub fn is_probe(&self) -> bool {
        self.ticket.as_ref().is_some_and(|ticket| ticket.is_probe)
    }

    /// Where its sender stands with it.
    pub fn standing(&self) -> Option<Standing> {
        self.ticket.as_ref().map(|ticket| ticket.standing)
    }

    /// Whether it takes up what an earlier try under its key has left.
    pub fn takes_up(&self) -> bool {
        self.ticket.as_ref().is_some_and(|ticket| ticket.failed_try.is_some())
    }

    /// Whether four fifths of the day's budget were spent when it was admitted.
    pub fn is_budget_low(&self) -> bool {
        self.ticket.as_ref().is_some_and(|ticket| ticket.is_budget_low)
    }

    /// Models that other calls have found gone not long ago.
    pub fn gone_models(&self) -> &[String] {
        self.ticket.as_ref().map_or(&[], |ticket| &ticket.gone_models)
    }

    /// An answer has begun and ended, and the turn with it in this way.
    pub async fn keep(&self, app: &App, end: TurnEnd, call: &EndedCall, buffer: Option<BufferEnd<'_>>) {
        self.settle(app, end, call, buffer).await;
    }

    /// No answer has begun. Says where the sender stands then.
    pub async fn end(&self, app: &App, end: TurnEnd, call: &EndedCall) -> Option<Standing> {
        self.settle(app, end, call, None).await
    }

    async fn settle(
        &self,
        app: &App,
        end: TurnEnd,
        call: &EndedCall,
        buffer: Option<BufferEnd<'_>>,
    ) -> Option<Standing> {
        let settlement = Settlement {
            charge: self.id,
            limits: self.limits,
            end: end.charge(),
            key_end: end.key(),
            evidence: call.evidence(end),
            alerts_within: app.config.alert_webhook_url.as_ref().map(|_| app.config.daily_budget),
            outcome: if self.is_of_other_model { CallOutcome::Inconclusive } else { call.outcome },
            cost: call.cost,
            bytes: if self.has_account { 0 } else { call.bytes },
            gone_models: &call.gone_models,
            breaker_opening: self.ticket.as_ref().map(|ticket| ticket.breaker_opening),
            breaker_failures: self.breaker_failures,
            address: &self.address,
            key: self.key.as_ref(),
            buffer,
        };
        let words = ["charge not settled yet", "charge not settled"];
        let settle = async || app.redis.settle(&settlement).await;
        let settled = app.keep_trying(&App::AGAIN_AFTER, words, settle).await?;
        log_breaker(app, settled.breaker);
        alerts::tell_later(app, &settled.alerts);
        if let Some(account) = settled.owed {
            let words = ["message not given back yet", "message not given back"];
            let refund = async || app.redis.refund(account, self.id).await;
            app.keep_trying(&App::AGAIN_AFTER, words, refund).await;
        }
        Some(settled.standing)
    }

    /// The model has sent text: a breaker that waits for this call hears it now, not when the answer has ended.
    pub async fn report_first_text(&self, app: &App) {
        let Some(ticket) = self.ticket.as_ref().filter(|ticket| ticket.is_probe && !self.is_of_other_model) else {
            return;
        };
        match app.redis.report_probe(self.id, ticket.breaker_opening, self.breaker_failures).await {
            Ok(change) => log_breaker(app, change),
            Err(error) => app.log_cause(Level::Warn, "breaker not told", &error),
        }
    }
}

fn log_breaker(app: &App, change: Option<BreakerChange>) {
    match change {
        Some(BreakerChange::Opened) => {
            app.log(Level::Error, "the model does not answer", vec![("event", "breaker_opened".into())]);
        }
        Some(BreakerChange::Closed) => {
            app.log(Level::Info, "the model answers again", vec![("event", "breaker_closed".into())]);
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_call_says_of_the_chat_is_a_fault_first_and_an_answer_only_where_one_was_given() {
        for end in TurnEnd::ALL {
            let without_fault = if end == TurnEnd::Answered { Evidence::Answer } else { Evidence::None };
            for (outcome, is_fault, expected) in [
                (CallOutcome::Answered, false, without_fault),
                (CallOutcome::Inconclusive, false, without_fault),
                (CallOutcome::Failed, false, Evidence::Error),
                (CallOutcome::Answered, true, Evidence::Error),
                (CallOutcome::Inconclusive, true, Evidence::Error),
                (CallOutcome::Failed, true, Evidence::Error),
            ] {
                let call = EndedCall { outcome, is_fault, ..EndedCall::default() };
                assert_eq!(call.evidence(end), expected, "{end:?}, {outcome:?}, fault: {is_fault}");
            }
        }
    }
}
