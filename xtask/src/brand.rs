//! The operator's own face: `EDGEWISE_BRAND` names its folder. What is in it is checked where the page is built (static/scripts/brand).

use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result};
use serde::Deserialize;

/// The variable of `dev`, `build` and `deploy`.
pub const VARIABLE: &str = "EDGEWISE_BRAND";

/// What the functions are told while they are compiled: they write the page behind a link.
pub const NAME_VARIABLE: &str = "EDGEWISE_BRAND_NAME";

/// As much of `brand.toml` as is wanted here.
#[derive(Deserialize)]
struct Face {
    name: String,
}

/// The folder, as a whole path; none: the page has its own face.
pub fn folder() -> Result<Option<PathBuf>> {
    let Some(told) = env::var_os(VARIABLE).filter(|told| !told.is_empty()) else { return Ok(None) };
    let folder = fs::canonicalize(&told).with_context(|| format!("{VARIABLE} names no folder: {}", told.display()))?;
    Ok(Some(folder))
}

/// What the page is called; none: as ever.
pub fn name() -> Result<Option<String>> {
    let Some(folder) = folder()? else { return Ok(None) };
    let file = folder.join("brand.toml");
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    let face: Face = toml::from_str(&text).with_context(|| format!("{} is not as expected", file.display()))?;
    Ok(Some(face.name))
}
