//! `cargo xtask admin`: who runs the place, by the program of the crate `schema`.

use std::ffi::OsString;

use anyhow::Result;

use crate::migrate;
use crate::project::Project;

/// Where, and what.
#[derive(clap::Args)]
pub struct Arguments {
    /// The database: `postgres://user:password@host/name`, direct, not pooled.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// `grant ACCOUNT`, `revoke ACCOUNT`, `list`, or `--help`; an account is named by its login, its verified address or its id.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    action: Vec<OsString>,
}

/// The command.
pub fn run(project: &Project, arguments: &Arguments) -> Result<()> {
    let words = std::iter::once(OsString::from("admin")).chain(arguments.action.iter().cloned());
    migrate::aloud(project, "admin", arguments.database_url.as_deref(), words)
}
