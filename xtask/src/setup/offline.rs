//! For machines that reach package registries but no Rust distribution server, as in some companies and sandboxes: a target's standard
//! library compiled from source. Wherever `rustup target add` works, nothing in here runs.
//!
//! The library's sources come from Debian's `rust-src` of exactly this Rust version, by way of the archive the machine already uses,
//! and wasi-libc likewise. Compiled once into the toolchain's folder, plain `cargo build --target …` works from there on.

mod library;
mod sources;

pub use self::library::install_target;
pub use self::sources::LIBRARY_VARIABLE;
