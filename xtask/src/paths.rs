//! Nothing that is served names a folder of the machine that built it. A panic's words name source files, and a Wasm file carries
//! them in the open.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::project::Project;

/// What cargo puts between flags.
const BETWEEN_FLAGS: &str = "\u{1f}";

/// Makes a build for a Wasm target shorten the paths in what it compiles, beside these flags.
pub fn shorten<'a>(project: &Project, command: &'a mut Command, flags: &[&str]) -> &'a mut Command {
    let shortened = folders(project).into_iter().map(|(folder, name)| remap(&folder, name));
    let flags: Vec<String> = flags.iter().map(|flag| (*flag).to_owned()).chain(shortened).collect();
    // Only for code of the target: with `--target` cargo builds macros and build scripts as ever.
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join(BETWEEN_FLAGS))
}

/// The flag that shortens the paths below one folder.
pub fn remap(folder: &Path, name: &str) -> String {
    format!("--remap-path-prefix={}={name}", folder.display())
}

/// Refuses a Wasm file, or a folder with some, that names a folder of this machine.
pub fn refuse(project: &Project, place: &Path) -> Result<()> {
    if place.is_dir() {
        return fs::read_dir(place)?.try_for_each(|entry| refuse(project, &entry?.path()));
    }
    if place.extension().is_none_or(|ending| ending != "wasm") {
        return Ok(());
    }
    let bytes = fs::read(place).with_context(|| format!("reading {}", place.display()))?;
    match named(&bytes, &folders(project)) {
        None => Ok(()),
        Some(path) => bail!(
            "{} names a path of this machine: {path}\n  what to do: `cargo clean` and build again; if it lies in the toolchain's \
             folder, remove the toolchain's target and let `cargo xtask dev` install it again",
            place.display()
        ),
    }
}

/// A path in `bytes` that lies below one of the folders.
fn named(bytes: &[u8], folders: &[(PathBuf, &str)]) -> Option<String> {
    folders.iter().find_map(|(folder, _)| {
        let folder = format!("{}/", folder.display());
        let start = bytes.windows(folder.len()).position(|window| window == folder.as_bytes())?;
        let path = bytes.get(start..)?.iter().take_while(|byte| byte.is_ascii_graphic()).take(200);
        Some(path.map(|byte| char::from(*byte)).collect())
    })
}

/// The folders that sources are compiled from, and their short names. Of several that fit, rustc takes the last.
fn folders(project: &Project) -> Vec<(PathBuf, &'static str)> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let told = |variable: &str| env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    let below_home = |name: &str| home.as_ref().map(|home| home.join(name));
    let folders = [
        (home.clone(), "/home"),
        (told("RUSTUP_HOME").or_else(|| below_home(".rustup")), "/rustup"),
        (told("CARGO_HOME").or_else(|| below_home(".cargo")), "/cargo"),
        (Some(project.root().to_path_buf()), "/edgewise"),
    ];
    let folders = folders.into_iter().filter_map(|(folder, name)| Some((folder?, name)));
    // The root of the file system would be found everywhere, and a folder of the short name itself stays what it is.
    folders.filter(|(folder, name)| folder.parent().is_some() && folder != Path::new(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_this_machine_is_found_and_a_short_one_is_not() {
        let folders = [(PathBuf::from("/home/ann"), "/home"), (PathBuf::from("/home/ann/.cargo"), "/cargo")];
        let wasm = b"\0asm at /home/ann/.cargo/registry/src/x-1.0/src/lib.rs\0 and more";
        assert_eq!(named(wasm, &folders).unwrap(), "/home/ann/.cargo/registry/src/x-1.0/src/lib.rs");
        assert_eq!(named(b"\0asm at /cargo/registry/src/x-1.0/src/lib.rs /home/annex/x", &folders), None);
    }

    #[test]
    fn the_innermost_folder_comes_last() {
        let project = Project::at("/work/tree".into());
        let all = folders(&project);
        assert_eq!(all.last().unwrap(), &(PathBuf::from("/work/tree"), "/edgewise"));
        let mut command = Command::new("cargo");
        shorten(&project, &mut command, &["-Clink-arg=x"]);
        let (_, flags) = command.get_envs().find(|(name, _)| *name == "CARGO_ENCODED_RUSTFLAGS").unwrap();
        let flags = flags.unwrap().to_str().unwrap();
        assert!(flags.starts_with("-Clink-arg=x\u{1f}"), "{flags}");
        assert!(flags.ends_with("--remap-path-prefix=/work/tree=/edgewise"), "{flags}");
    }
}
