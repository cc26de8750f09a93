//! The table at the end: a line for each suite, a column for each round.

use super::report::Report;
use super::round::Round;
use super::suite::{Outcome, Row};

/// How wide a suite's name is.
const NAME: usize = 34;

/// How wide a column is.
const CELL: usize = 18;

/// First what runs without functions, then suites by rounds, then why a cell is empty, then the sums.
pub fn of(rows: &[Row]) -> String {
    let (alone, served): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.round.is_none());
    let mut text = String::new();
    for row in alone {
        text += &line(&row.suite, &[cell(row, &mut Vec::new())]);
    }
    if !served.is_empty() {
        text += &matrix(&served);
    }
    let broken = rows.iter().filter(|row| row.has_failed()).count();
    let left_out = rows.iter().filter(|row| row.is_left_out()).count();
    let known = rows.iter().filter(|row| row.outcome == Outcome::Known).count();
    if known != 0 {
        text += "=  not run: it was green on exactly these files, in this time (`--again` runs it all the same)\n";
    }
    text + &format!(
        "tests: {} passed, {} failed; suites: {} passed, {known} of them before, {broken} failed, {left_out} left out for the reasons above",
        rows.iter().map(|row| row.report.passed).sum::<u32>(),
        rows.iter().map(|row| row.report.failed).sum::<u32>(),
        rows.len() - broken - left_out
    )
}

/// Every test that passed only when it was tried again, then what failed and how, each with its suite and round. It is to be the
/// last of a run: a log is often cut to its end. Empty when there is none.
pub fn names(rows: &[Row]) -> String {
    let of = |row: &Row, names: &[String]| {
        names.iter().map(|name| format!("\n  {}: {name}", row.title())).collect::<String>()
    };
    let flaky: String = rows.iter().map(|row| of(row, &row.report.flaky)).collect();
    let failed = rows.iter().filter(|row| row.has_failed()).map(|row| match row.report.red.is_empty() {
        true => format!("\n  {}: no test is named, the reason is above", row.title()),
        false => of(row, &row.report.red),
    });
    let told = rows.iter().filter(|row| row.has_failed() || !row.report.flaky.is_empty());
    let complaints = told.flat_map(of_complaints).collect();
    [("passed only when tried again (flaky)", flaky), ("how it failed", complaints), ("failed", failed.collect())]
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| format!("\n{what}:{names}\n"))
        .collect()
}

fn of_complaints(row: &Row) -> Vec<String> {
    let indented = |complaint: &String| complaint.lines().map(|line| format!("\n    {line}")).collect::<String>();
    row.report.complaints.iter().map(|complaint| format!("\n  {}:{}", row.title(), indented(complaint))).collect()
}

fn matrix(rows: &[&Row]) -> String {
    let rounds: Vec<Round> =
        Round::ALL.iter().copied().filter(|round| rows.iter().any(|row| row.round == Some(*round))).collect();
    let heads =
        |name: fn(&Round) -> &'static str| rounds.iter().map(|round| name(round).to_owned()).collect::<Vec<_>>();
    let mut text = format!("\n{}", line("", &heads(|round| round.runtime.name())));
    text += &line("suite (tests, seconds)", &heads(|round| round.stores.name()));
    let mut names: Vec<&str> = Vec::new();
    for row in rows {
        if !names.contains(&row.suite.as_str()) {
            names.push(&row.suite);
        }
    }
    let mut reasons = Vec::new();
    for name in names {
        let of_round = |round: &Round| rows.iter().find(|row| row.suite == name && row.round == Some(*round));
        let cells: Vec<String> =
            rounds.iter().map(|round| of_round(round).map_or(String::new(), |row| cell(row, &mut reasons))).collect();
        text += &line(name, &cells);
    }
    for (at, reason) in reasons.iter().enumerate() {
        text += &format!("[{}] left out: {reason}\n", at + 1);
    }
    text
}

/// `✓ 61  38.2`, or the number of the reason why it did not run.
fn cell(row: &Row, reasons: &mut Vec<&'static str>) -> String {
    let Report { passed, failed, .. } = row.report;
    let seconds = row.took.as_secs_f32();
    match row.outcome {
        Outcome::Passed if passed == 0 => format!("✓ {seconds:>11.1}"),
        Outcome::Passed => format!("✓ {passed:>4} {seconds:>6.1}"),
        Outcome::Known => format!("= {passed:>4} {seconds:>6.1}"),
        Outcome::Failed => format!("✗ {failed:>4} {seconds:>6.1}"),
        Outcome::LeftOut(reason) => {
            let known = reasons.iter().position(|known| *known == reason);
            let at = known.unwrap_or_else(|| {
                reasons.push(reason);
                reasons.len() - 1
            });
            format!("–  [{}]", at + 1)
        }
    }
}

fn line(name: &str, cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("{cell:<CELL$}")).collect();
    format!("{}\n", format!("{name:<NAME$}{cells}").trim_end())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::runtime::Runtime;
    use crate::test::Stores;

    const WORKERS: Round = Round { runtime: Runtime::Workers, stores: Stores::Real };
    const SPIN: Round = Round { runtime: Runtime::Spin, stores: Stores::Real };

    fn row(suite: &str, round: Round, outcome: Outcome, passed: u32, failed: u32) -> Row {
        let took = Duration::from_millis(1500);
        let report = Report::of(passed, failed);
        Row { suite: suite.into(), round: Some(round), outcome, report, took }
    }

    #[test]
    fn the_end_names_what_failed_and_what_nearly_did() {
        let mut contract = row("contract", SPIN, Outcome::Failed, 60, 1);
        contract.report.read("test sessions::a_title ... FAILED");
        let mut page = row("page", WORKERS, Outcome::Passed, 9, 0);
        page.report.read("  ✓  4 [tests] › a.test.ts:5:1 › second try (retry #1) (25ms)");
        let check = || crate::test::suite::step("lints", || anyhow::bail!("no"));
        assert_eq!(
            names(&[check(), contract, page, row("turns", SPIN, Outcome::Passed, 1, 0)]),
            "\npassed only when tried again (flaky):\n  page, workers-real: [tests] › a.test.ts:5:1 › second try\n\
             \nfailed:\n  check: lints: no test is named, the reason is above\n  contract, spin-real: sessions::a_title\n"
        );
        assert_eq!(names(&[row("turns", SPIN, Outcome::Passed, 1, 0)]), "");
    }

    #[test]
    fn suites_stand_beside_runtimes_and_an_empty_cell_has_its_reason() {
        let text = of(&[
            row("contract", WORKERS, Outcome::Passed, 61, 0),
            row("contract", SPIN, Outcome::Failed, 60, 1),
            row("spin", SPIN, Outcome::Known, 4, 0),
            Row::left_out("spin", WORKERS, "for a reason"),
        ]);
        let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split_whitespace().collect()).collect();
        assert!(lines.contains(&vec!["workers", "spin"]), "{text}");
        assert!(lines.contains(&vec!["contract", "✓", "61", "1.5", "✗", "1", "1.5"]), "{text}");
        assert!(lines.contains(&vec!["spin", "–", "[1]", "=", "4", "1.5"]), "{text}");
        assert!(text.contains("[1] left out: for a reason"), "{text}");
        assert!(
            text.contains("tests: 125 passed, 1 failed; suites: 2 passed, 1 of them before, 1 failed, 1 left out"),
            "{text}"
        );
    }
}
