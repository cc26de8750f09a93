//! x
use anyhow::Result;
use crate::project::Project;
/// a
#[derive(clap::Args)]
pub struct Arguments {}
pub fn run(_p: &Project, _a: &Arguments) -> Result<()> { Ok(()) }
