//! The fault matrix: every kind of fault in every call of a turn, and what comes of it. `docs/reliability.md` keeps the outcome.

use std::fmt::Write as _;
use std::path::PathBuf;

use futures::StreamExt;
use tests::Server;

use crate::aim::{Kind, Part};
use crate::cell::{Cell, Outcome};
use crate::{ALONE, VARIABLES};

/// Cells at once: each has a visitor of its own, and faults find their calls by the visitor's id.
const AT_ONCE: usize = 8;

/// Between these lines of the document stands the table.
const BEGIN: &str = "<!-- the matrix: written by tests/faults -->";
const END: &str = "<!-- the matrix ends -->";

fn cells() -> Vec<Cell> {
    let mut cells = Vec::new();
    for part in Part::ALL {
        for &phase in part.phases() {
            // Whether a call can fail like this depends on whether it has begun to answer; calls to the stores answer at once.
            let is_possible = |kind: &Kind| match part {
                Part::Model => kind.is_possible_within(phase),
                _ => *kind != Kind::Empty,
            };
            let kinds = Kind::ALL.into_iter().chain([Kind::Empty]).filter(is_possible);
            cells.extend(kinds.map(|kind| Cell { part, kind, phase }));
        }
    }
    cells
}

#[tokio::test]
async fn every_fault_at_every_place_keeps_the_promises() {
    let _alone = ALONE.lock().await;
    let server = Server::started_with(&VARIABLES).await;
    let cells = cells();
    // The longest first: the others are played beside them.
    let mut order: Vec<usize> = (0..cells.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(cells[*index].limit()));
    let playing = order.into_iter().map(|index| {
        let (cell, server) = (cells[index], &server);
        async move { (index, cell.play(server).await) }
    });
    let mut outcomes: Vec<(usize, Outcome)> = futures::stream::iter(playing).buffer_unordered(AT_ONCE).collect().await;
    outcomes.sort_by_key(|(index, _)| *index);
    let outcomes: Vec<(Cell, Outcome)> = outcomes.into_iter().map(|(index, outcome)| (cells[index], outcome)).collect();

    println!("{}", table(&outcomes, true));
    let violations: Vec<String> = outcomes
        .iter()
        .flat_map(|(cell, outcome)| {
            let place = format!("{}, {}, {}", cell.part, cell.kind, cell.phase);
            outcome.violations.iter().map(move |violation| format!("{place}: {violation}"))
        })
        .collect();
    assert!(violations.is_empty(), "{} violations:\n{}", violations.len(), violations.join("\n"));
    check_document(&table(&outcomes, false));
}

/// The matrix in Markdown. Times are printed and not kept: they are the machine's.
fn table(outcomes: &[(Cell, Outcome)], with_times: bool) -> String {
    let mut table = String::from(
        "| fault in | fault | when | the client sees | kept | day | minute | model calls | the same key again |",
    );
    let mut rule = String::from("|---|---|---|---|---|---|---|---|---|");
    if with_times {
        table += " ms |";
        rule += "---|";
    }
    table += &format!("\n{rule}\n");
    for (Cell { part, kind, phase }, outcome) in outcomes {
        let Outcome { client, rows, charged, minute, model_calls, again, took, .. } = outcome;
        write!(
            table,
            "| {part} | {kind} | {phase} | {client} | {rows} | {charged} | {minute} | {model_calls} | {again} |"
        )
        .unwrap();
        if with_times {
            write!(table, " {} |", took.as_millis()).unwrap();
        }
        table.push('\n');
    }
    table
}

/// Compares the document's table, and writes it, so that a failure is mended by looking at the difference and committing it.
fn check_document(table: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/reliability.md");
    let old = std::fs::read_to_string(&path).expect("docs/reliability.md");
    let (before, rest) = old.split_once(BEGIN).expect("the line before the matrix");
    let (_, after) = rest.split_once(END).expect("the line after the matrix");
    let fresh = format!("{before}{BEGIN}\n\n{table}\n{END}{after}");
    if old != fresh {
        std::fs::write(&path, &fresh).unwrap();
        panic!("docs/reliability.md was stale; it has been written anew: look at the change and commit it");
    }
}
