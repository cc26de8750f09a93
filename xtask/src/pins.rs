//! The versions of every tool the project installs for itself. `tidy` compares them with the files that repeat one.

/// The Rust toolchain; also in `rust-toolchain.toml` and, without its patch number, in `Cargo.toml`.
pub const RUST: &str = "1.95.0";

/// Builds the Worker from its crate: Rust, wasm-bindgen, the JavaScript entry with recovery from panics, esbuild.
pub const WORKER_BUILD: &str = "0.8.7";

/// The `wasm-bindgen` program; it works with exactly this version of the library, the one in `Cargo.lock`.
pub const WASM_BINDGEN: &str = "0.2.130";

/// Cloudflare's command line, with workerd and miniflare; also in `xtask/node/package.json`.
pub const WRANGLER: &str = "4.164.0";

/// The oldest Node that wrangler runs on: major and minor.
pub const NODE_MINIMUM: (u32, u32) = (22, 12);

/// The Node installed beside the project where the machine's own is older. The npm registry carries it.
pub const NODE: &str = "22.23.3";

/// What the Worker and the page's markdown compile for.
pub const WORKERS_TARGET: &str = "wasm32-unknown-unknown";

/// What the Spin components compile for.
pub const SPIN_TARGET: &str = "wasm32-wasip2";

/// The oldest Spin, by its first two numbers, that knows the components' interfaces (WASI 0.3.0; 4.0 has a release candidate of it).
pub const SPIN_MINIMUM: (u32, u32) = (4, 1);

/// The gateways that `cargo xtask bench peers` compares with: from npm and from PyPI.
pub const PORTKEY: &str = "1.15.2";

/// See [`PORTKEY`].
pub const LITELLM: &str = "1.108.7";
