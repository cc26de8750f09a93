//! Which network a request comes from, without its address being kept.

use std::net::IpAddr;

use infrastructure::redis::Address;
use sha2::{Digest, Sha256};

use crate::App;

/// How long a salt holds, in seconds: a UTC day.
const DAY_SECONDS: i64 = 86_400;

/// The address, hashed with a salt that changes every day, so that it cannot be followed to the next one. An IPv6 customer has a /64 at least and a /48 at
/// most; requests without an address count as one.
pub(crate) fn hash(app: &App, address: Option<IpAddr>) -> Address {
    let day = app.platform.clock.now().as_second().div_euclid(DAY_SECONDS);
    let hashed = |network: &[u8], bytes: usize| -> String {
        let mut hash = Sha256::new();
        hash.update(b"edgewise address salt");
        hash.update(app.config.jwt_secret.as_bytes());
        hash.update(day.to_be_bytes());
        hash.update(network);
        hash.finalize().iter().take(bytes).map(|byte| format!("{byte:02x}")).collect()
    };
    let Network { pool, net } = network(address);
    // A /64 is told apart within its /48 only.
    Address { pool: hashed(&pool, 16), net: net.map(|net| hashed(&net, 8)).unwrap_or_default() }
}

/// What is counted together, and what is one sender in it.
#[derive(Debug, PartialEq, Eq)]
struct Network {
    pool: Vec<u8>,
    /// `None`: the pool is one sender.
    net: Option<Vec<u8>>,
}

fn network(address: Option<IpAddr>) -> Network {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => Network { pool: address.to_bits().to_be_bytes().to_vec(), net: None },
        Some(IpAddr::V6(address)) => {
            let first = |bytes: usize| address.octets().iter().take(bytes).copied().collect();
            Network { pool: first(6), net: Some(first(8)) }
        }
        None => Network { pool: Vec::new(), net: None },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customers_network_is_one_sender_in_its_pool() {
        let of = |text: &str| network(text.parse().ok());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1").net, of("2001:db8:1:3::1").net);
        assert_eq!(of("2001:db8:1:2::1").pool, of("2001:db8:1:3::1").pool);
        assert_ne!(of("2001:db8:1:2::1").pool, of("2001:db8:2:2::1").pool);
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"), "one address, two notations");
        assert_eq!(network(None), Network { pool: Vec::new(), net: None });
    }
}
