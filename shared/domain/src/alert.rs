//! What an operator is told by itself.

/// Why an operator is told something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alert {
    /// The breaker is open: the model does not answer.
    Breaker,
    /// Four fifths of the day's budget are spent.
    Budget,
    /// More than one in twenty of the recent answers failed.
    Errors,
    /// Four fifths of the database's space are used.
    Storage,
    /// As many notices were sent as all accounts may have a day.
    Notices,
}

impl Alert {
    const ALL: [Self; 5] = [Self::Breaker, Self::Budget, Self::Errors, Self::Storage, Self::Notices];

    /// Reads a name. `None`: there is no such one.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alert| alert.name() == name)
    }

    /// The name in the scripts and in the log.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Breaker => "breaker",
            Self::Budget => "budget",
            Self::Errors => "errors",
            Self::Storage => "storage",
            Self::Notices => "notices",
        }
    }

    /// What is said of it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Breaker => "the model does not answer, the breaker is open",
            Self::Budget => "more than 80 % of the day's budget are spent",
            Self::Errors => "more than 5 % of the recent answers failed",
            Self::Storage => "80 % of the database's space are used",
            Self::Notices => "so many notices to account owners are due today that some are held back",
        }
    }
}

/// What a settled turn says of how the chat does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It was answered.
    Answer,
    /// The model, a store or we have failed.
    Error,
    /// It says nothing: no model was asked, or its sender has left.
    None,
}

impl Evidence {
    /// The name in the scripts.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Error => "error",
            Self::None => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_is_read_by_the_name_that_the_scripts_give_it() {
        for alert in Alert::ALL {
            assert_eq!(Alert::parse(alert.name()), Some(alert));
        }
        assert_eq!(Alert::parse("weather"), None);
    }
}
