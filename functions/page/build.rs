//! Puts the built page into the component.

use std::env;
use std::error::Error;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    let page = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../static/dist");
    println!("cargo::rerun-if-changed={}", page.display());
    if let Err(error) = assets_build::embed(&page, Path::new(&env::var("OUT_DIR")?)) {
        println!("cargo::error={error}");
    }
    Ok(())
}
