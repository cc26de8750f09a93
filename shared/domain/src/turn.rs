//! One turn: a visitor's wish, the plan that it becomes, how the answer begins and ends, and what that costs.
//!
//! The files follow a turn: [`Action`] is what the visitor wants, [`TurnContext::plan`] makes a [`Plan`] of it, [`BeginOutcome`] says
//! whether it could be written, [`Ending`] and [`AnswerEnd`] how the answer ended, [`TurnEnd`] what is charged, [`Asked::billed`] what
//! it costs, [`CallOutcome`] what the breaker hears.

mod action;
mod beginning;
mod billing;
mod call_outcome;
mod charge;
mod ending;
mod fault;
mod naming;
mod plan;
mod prompt;
mod sent_context;

pub use action::Action;
pub use beginning::{BeginOutcome, Beginning, NewTurn};
pub use billing::{Asked, Received};
pub use call_outcome::CallOutcome;
pub use charge::{ChargeEnd, KeyEnd, RETURNS_PER_DAY, TurnEnd};
pub use ending::{AnswerEnd, AnswerTimes, Ending, StopWish, TokenUsage};
pub use fault::Fault;
pub use naming::{TITLE_PROMPT_TOKENS, thinks_aloud, title_given, title_prompt, title_tokens};
pub use plan::{FailedTry, NotPlanned, Plan, TurnContext, TurnIds};
pub use prompt::{Prompt, PromptLimits, PromptMessage, TurnLine, bytes_within, chars_within, estimated_tokens};
pub use sent_context::SentContext;
