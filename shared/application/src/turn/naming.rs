//! A title by the model (`CHAT_TITLES=model`): one short call after the first answer of a session, which nobody waits for. The answer's settlement has
//! booked what it costs at most.

use std::time::Duration;

use domain::{Beginning, Ending, NewTurn, Prompt, SessionId, thinks_aloud, title_given, title_prompt, title_tokens};
use infrastructure::ModelError;
use infrastructure::model::{Transcript, Wishes, own_ending};
use platform::{Level, within};

use super::charge::Charge;
use crate::App;

/// How long a title may take, from its call to its last word.
const LONGEST: Duration = Duration::from_secs(10);

/// A session that is to be given a title.
pub(super) struct Naming {
    session: SessionId,
    /// What it is called by its first words.
    before: String,
    model: String,
    /// It has thought before its answer, and will before its title.
    thinks: bool,
    prompt: Prompt,
}

impl Naming {
    /// `None`: the turn has begun no session, its answer has come to no end or says nothing, or little is left of the budget. A model that was answering is
    /// no model that the breaker keeps calls from.
    pub fn after(app: &App, turn: &NewTurn, charge: &Charge, ending: Ending, answer: &Transcript) -> Option<Self> {
        let Beginning::Session { title, text } = &turn.beginning else { return None };
        let has_ended_well = matches!(ending, Ending::Complete | Ending::Truncated) && !answer.text().is_empty();
        if !(app.config.titles_by_model && has_ended_well) || charge.is_budget_low() {
            return None;
        }
        let prompt = title_prompt(text.as_str())?;
        let thought = answer.reasoning();
        let thinks = thought.ascii + thought.other > 0 || thinks_aloud(answer.text());
        Some(Self { session: turn.session, before: title.clone(), model: turn.model.clone(), thinks, prompt })
    }

    /// What it costs at most, in micro-dollars.
    pub fn cost(&self, app: &App) -> u64 {
        app.config.title_cost(&self.model, self.thinks)
    }

    /// Asks, and writes what comes of it. What goes wrong leaves the title as it is.
    pub async fn run(self, app: &App) {
        let title = match within(&*app.platform.clock, LONGEST, self.ask(app)).await {
            Ok(Ok(said)) => title_given(&said),
            Ok(Err(error)) => return app.log_cause(Level::Warn, "no title from the model", &error),
            Err(_) => return app.log(Level::Warn, "no title from the model in time", Vec::new()),
        };
        let Some(title) = title else { return };
        if let Err(error) = app.postgres.title_session(self.session, &self.before, &title).await {
            app.log_cause(Level::Warn, "title not written", &error);
        }
    }

    async fn ask(&self, app: &App) -> Result<String, ModelError> {
        let wishes = Wishes::default();
        let body = app.model.open(&self.model, &self.prompt, title_tokens(self.thinks), &wishes, LONGEST).await?;
        let mut tape = body.record();
        tape.take_batches();
        let mut transcript = Transcript::new();
        while !transcript.is_over() {
            let Some(bytes) = tape.next().await else { break };
            transcript.push(&bytes);
        }
        transcript.finish();
        // One that was cut off is none.
        Ok(if own_ending(&transcript) == Some(Ending::Complete) { transcript.take_text() } else { String::new() })
    }
}
