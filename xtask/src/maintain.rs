//! `cargo xtask maintain`: removes what has been kept long enough, by the program of the crate `schema`.

use std::ffi::OsString;

use anyhow::Result;

use crate::migrate;
use crate::project::Project;

/// Where, and for how long.
#[derive(clap::Args)]
pub struct Arguments {
    /// The database: `postgres://user:password@host/name`, direct, not pooled.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// `--dry-run`, `--deleted-days N`, `--idle-days N`, `--guest-days N`, or `--help`; the days are those of the variables.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    action: Vec<OsString>,
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let words = std::iter::once(OsString::from("maintain")).chain(arguments.action.iter().cloned());
    migrate::aloud(project, "maintain", arguments.database_url.as_deref(), words)
}
