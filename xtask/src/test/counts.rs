//! How many tests passed, as the test runners print it.

use std::ops::AddAssign;

/// Tests that passed and failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Green.
    pub passed: u32,
    /// Red.
    pub failed: u32,
}

impl Counts {
    /// Adds what a line of output says, if it is a runner's summary: cargo's, Playwright's, Vitest's or Node's.
    pub fn read(&mut self, line: &str) {
        let line = plain(line);
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["test", "result:", _, rest @ ..] => self.pairs(rest),
            ["Tests", rest @ ..] => self.pairs(rest),
            [count, "passed", time] if time.starts_with('(') => self.passed += number(count),
            [count, "passed" | "flaky"] => self.passed += number(count),
            [count, "failed"] => self.failed += number(count),
            ["#" | "ℹ", "pass", count] => self.passed += number(count),
            ["#" | "ℹ", "fail" | "cancelled", count] => self.failed += number(count),
            _ => {}
        }
    }

    /// `31 passed; 0 failed; …` or `2 failed | 5 passed (7)`.
    fn pairs(&mut self, words: &[&str]) {
        for pair in words.windows(2) {
            if let [count, what] = pair {
                match what.trim_end_matches(';') {
                    "passed" => self.passed += number(count),
                    "failed" => self.failed += number(count),
                    _ => {}
                }
            }
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
    }
}

fn number(text: &str) -> u32 {
    text.parse().unwrap_or(0)
}

/// The line without colours.
pub fn plain(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or("", |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_runners_summary_is_understood() {
        for (output, passed, failed) in [
            ("test result: ok. 31 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s", 31, 0),
            ("test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out", 3, 2),
            ("  5 passed (12.3s)", 5, 0),
            ("  1 failed", 0, 1),
            ("  1 flaky", 1, 0),
            (
                " \u{1b}[2m     Tests \u{1b}[22m \u{1b}[1m\u{1b}[31m2 failed\u{1b}[39m | \u{1b}[32m5 passed\u{1b}[39m (7)",
                5,
                2,
            ),
            ("# pass 12", 12, 0),
            ("ℹ fail 1", 0, 1),
            ("test a_name_with_passed ... ok", 0, 0),
        ] {
            let mut counts = Counts::default();
            counts.read(output);
            assert_eq!(counts, Counts { passed, failed }, "{output}");
        }
    }
}
