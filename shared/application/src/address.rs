//! Which network a request comes from, without its address being kept.

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::App;

/// The address, hashed with a salt that changes every day, so that it cannot be followed to the next one. An IPv6 customer has a /64, so that is
/// what counts; requests without an address count as one.
pub(crate) fn hash(app: &App, address: Option<IpAddr>) -> String {
    let day = app.platform.clock.now().as_second().div_euclid(86_400);
    let mut hash = Sha256::new();
    hash.update(b"edgewise address salt");
    hash.update(app.config.jwt_secret.as_bytes());
    hash.update(day.to_be_bytes());
    hash.update(network(address));
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// What is taken for one sender.
fn network(address: Option<IpAddr>) -> Vec<u8> {
    match address.map(|address| address.to_canonical()) {
        Some(IpAddr::V4(address)) => address.to_bits().to_be_bytes().to_vec(),
        Some(IpAddr::V6(address)) => address.octets().iter().take(8).copied().collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_customers_network_is_one_sender() {
        let of = |text: &str| network(text.parse().ok());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"), "one address, two notations");
        assert_eq!(network(None), Vec::<u8>::new());
    }
}
