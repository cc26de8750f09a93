//! The two runtimes that the functions are built for.

use crate::pins;

/// Where functions run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Runtime {
    /// Cloudflare Workers, on workerd.
    Workers,
    /// Spin, or the project's own host where it is not installed.
    Spin,
}

impl Runtime {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Workers, Self::Spin];

    /// As in a table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Workers => "workers",
            Self::Spin => "spin",
        }
    }

    /// What the functions compile for.
    pub fn target(self) -> &'static str {
        match self {
            Self::Workers => pins::WORKERS_TARGET,
            Self::Spin => pins::SPIN_TARGET,
        }
    }
}
