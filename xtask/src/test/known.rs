//! Suites that were green on exactly these files: they need not run again.

use std::env;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::report::Report;
use super::round::Round;
use super::suite::{Outcome, Row};
use crate::project::Project;
use crate::stamp::hash_of;

/// What no suite reads: words, results, and what git keeps.
const NOT_READ: &[&str] = &[".git", ".local", "target", "docs", "README.md", "LICENSE"];

/// Documents that suites compare with what is so, or run.
const DOCUMENTS_READ: [&str; 8] = [
    "docs/api.md",
    "docs/configuration.md",
    "docs/deploy-spin.md",
    "docs/operate.md",
    "docs/proof-of-work.md",
    "docs/reliability.md",
    "docs/spin",
    "docs/websocket.md",
];

/// Variables that make a suite another one.
const VARIABLES: &[&str] = &["DAY_MESSAGES", "FAULTS_SEED", "FAULTS_TURNS", "CHROMIUM", "WHOLE_CHROMIUM", "FIREFOX"];

/// What is known of earlier runs, in `.local/green/`.
pub struct Known {
    folder: PathBuf,
    /// Of all that the suites read.
    hash: String,
    /// Whether it is to be believed.
    is_asked: bool,
}

/// A green run.
#[derive(Serialize, Deserialize)]
struct Green {
    hash: String,
    passed: u32,
    millis: u64,
}

impl Known {
    /// Reads the project. With `again` nothing is known.
    pub fn of(project: &Project, again: bool) -> Result<Self> {
        let mut inputs: Vec<String> = fs::read_dir(project.path("."))?
            .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
            .collect::<Result<_>>()?;
        inputs.retain(|input| !NOT_READ.contains(&input.as_str()));
        inputs.extend(DOCUMENTS_READ.map(str::to_owned));
        inputs.sort();
        let variables: Vec<Option<String>> = VARIABLES.iter().map(|name| env::var(name).ok()).collect();
        let hash = hash_of(project, &inputs, &format!("{variables:?}"))?;
        Ok(Self { folder: project.local("green"), hash, is_asked: !again })
    }

    /// The row of a suite that was green on these files.
    pub fn row(&self, suite: &str, round: Option<Round>) -> Option<Row> {
        let text = fs::read_to_string(self.file(suite, round)).ok().filter(|_| self.is_asked)?;
        let green: Green = serde_json::from_str(&text).ok().filter(|green: &Green| green.hash == self.hash)?;
        Some(Row {
            suite: suite.to_owned(),
            round,
            outcome: Outcome::Known,
            report: Report::of(green.passed, 0),
            took: Duration::from_millis(green.millis),
        })
    }

    /// Remembers what came of a suite. The hash is that of the files before it ran: what was changed meanwhile is tested next time.
    pub fn keep(&self, row: &Row) -> Result<()> {
        let file = self.file(&row.suite, row.round);
        match row.outcome {
            Outcome::Passed => {}
            Outcome::Failed if file.exists() => return fs::remove_file(&file).context("forgetting a green run"),
            Outcome::Failed | Outcome::Known | Outcome::LeftOut(_) => return Ok(()),
        }
        let millis = u64::try_from(row.took.as_millis()).unwrap_or(u64::MAX);
        let green = Green { hash: self.hash.clone(), passed: row.report.passed, millis };
        fs::create_dir_all(&self.folder)?;
        fs::write(&file, serde_json::to_string(&green)?).with_context(|| format!("writing {}", file.display()))
    }

    fn file(&self, suite: &str, round: Option<Round>) -> PathBuf {
        let name = suite.replace([':', ' '], "-");
        self.folder.join(format!("{name}{}.json", round.map(|round| format!("-{}", round.name())).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(outcome: Outcome) -> Row {
        let report = Report::of(5, 0);
        Row { suite: "unit: this".to_owned(), round: None, outcome, report, took: Duration::from_secs(2) }
    }

    #[test]
    fn what_was_green_is_known_until_a_file_changes_or_it_fails_or_it_is_asked_for_again() {
        let folder = env::temp_dir().join(format!("edgewise-known-{}", std::process::id()));
        fs::create_dir_all(folder.join("shared")).unwrap();
        fs::write(folder.join("shared/a.rs"), "1").unwrap();
        let project = Project::at(folder.clone());
        let known = |again| Known::of(&project, again).unwrap();
        let is_known = || known(false).row("unit: this", None).is_some();
        assert!(!is_known());
        known(false).keep(&row(Outcome::Passed)).unwrap();
        let found = known(false).row("unit: this", None).unwrap();
        assert_eq!((found.outcome, found.report.passed, found.took), (Outcome::Known, 5, Duration::from_secs(2)));
        known(false).keep(&found).unwrap();
        assert!(is_known(), "what is known stays known");
        assert!(known(true).row("unit: this", None).is_none());
        assert!(known(false).row("unit: that", None).is_none());
        let before = known(false);
        fs::write(folder.join("shared/a.rs"), "2").unwrap();
        assert!(!is_known());
        before.keep(&row(Outcome::Passed)).unwrap();
        assert!(!is_known(), "a file was changed while it ran");
        fs::write(folder.join("README.md"), "words").unwrap();
        fs::write(folder.join("shared/a.rs"), "1").unwrap();
        assert!(is_known(), "no suite reads the README");
        known(false).keep(&row(Outcome::Failed)).unwrap();
        assert!(!is_known());
        fs::remove_dir_all(folder).unwrap();
    }
}
