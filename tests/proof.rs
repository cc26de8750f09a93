//! Proof of work as a client gives it (docs/proof-of-work.md).

use serde_json::Value;
use sha2::{Digest, Sha256};

/// The header's value for a `challenge_required`.
pub async fn solve(error: &Value) -> String {
    let challenge = error["challenge"].as_str().expect("a challenge").to_owned();
    let bits = u32::try_from(error["bits"].as_u64().expect("bits")).expect("a few bits");
    assert!(bits <= 22, "too much work for a test: {error}");
    let search = move || {
        let has_zeros = |proof: &String| {
            let hash = Sha256::digest(proof.as_bytes());
            u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]).leading_zeros() >= bits
        };
        (0_u64..).map(|number| format!("{challenge}.{number}")).find(has_zeros).expect("a proof")
    };
    tokio::task::spawn_blocking(search).await.expect("a proof")
}
