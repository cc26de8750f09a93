//! The key that stands for a password: Argon2id, computed where the password was typed (compiled to Wasm), so that no server ever sees it.
//!
//! The server says with which salt and parameters (`POST /auth/password/salt`) and checks an HMAC of the result: docs/security.md.

use argon2::{Algorithm, Argon2, Params, Version};
use wasm_bindgen::prelude::wasm_bindgen;

/// As in `static/markdown`.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// How long a key is, in bytes.
const LENGTH: usize = 32;

/// What a server may ask for at most, in KiB and passes: above it a phone would be busy for minutes, or without memory. So a server
/// that lies has no use of it.
const MOST_MEMORY: u32 = 256 * 1024;
const MOST_PASSES: u32 = 16;

/// What a server must ask for at least (OWASP's minimum for Argon2id): less would let it guess passwords cheaply.
const LEAST_MEMORY: u32 = 19 * 1024;
const LEAST_PASSES: u32 = 2;

/// The key of `password`: Argon2id, version 1.3, one lane, with `memory` in KiB. `None`: no page should compute this, or it cannot be computed.
#[wasm_bindgen]
#[must_use]
pub fn key(password: &[u8], salt: &[u8], memory: u32, passes: u32) -> Option<Vec<u8>> {
    let is_sound = (LEAST_MEMORY..=MOST_MEMORY).contains(&memory) && (LEAST_PASSES..=MOST_PASSES).contains(&passes);
    if !is_sound {
        return None;
    }
    let params = Params::new(memory, passes, 1, Some(LENGTH)).ok()?;
    let mut key = vec![0; LENGTH];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(password, salt, &mut key).ok()?;
    Some(key)
}

#[cfg(test)]
mod tests;
