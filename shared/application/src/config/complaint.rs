//! What is wrong with a configuration.

use std::fmt;

/// What is wrong with the variables: all of it, so that an operator mends it in one go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError {
    /// At least one.
    pub complaints: Vec<Complaint>,
}

/// A variable that is missing or malformed. It names the variable and the rule, never the value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The variable.
    pub variable: &'static str,
    /// What it breaks.
    pub rule: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, Complaint { variable, rule }) in self.complaints.iter().enumerate() {
            let separator = if number == 0 { "" } else { "; " };
            write!(formatter, "{separator}{variable} {rule}")?;
        }
        Ok(())
    }
}
