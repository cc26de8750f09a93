//! Whose clock is wrong: each answer says when it was made.

use super::call::Reply;
use super::fault::Fault;

/// As far as clocks may differ, in seconds: tokens allow five minutes, certificates nothing.
const ALLOWED: i64 = 60;

/// How far the others' clocks are ahead of this machine's, in seconds.
#[derive(Default)]
pub struct Clocks {
    vendors: Vec<i64>,
    server: Option<i64>,
}

impl Clocks {
    /// An answer of a vendor's.
    pub fn vendor(&mut self, reply: &Reply) {
        self.vendors.extend(reply.clock);
    }

    /// An answer of the deployed address.
    pub fn server(&mut self, reply: &Reply) {
        self.server = self.server.or(reply.clock);
    }

    /// What is wrong. The vendors are right where most of them agree; without any, nobody can tell.
    pub fn judge(&self) -> Vec<Result<String, Fault>> {
        let mut vendors = self.vendors.clone();
        vendors.sort_unstable();
        let Some(&right) = vendors.get(vendors.len() / 2) else { return Vec::new() };
        let mut found = Vec::new();
        if ALLOWED < right.abs() {
            found.push(Err(Fault::OwnClock { seconds: -right }));
        }
        if let Some(server) = self.server.map(|server| server - right).filter(|off| ALLOWED < off.abs()) {
            found.push(Err(Fault::ServersClock { seconds: server }));
        }
        if found.is_empty() {
            found.push(Ok(format!("clocks: within {ALLOWED} s")));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_differs_is_named() {
        let judge = |vendors: &[i64], server| Clocks { vendors: vendors.to_vec(), server }.judge();
        assert!(matches!(judge(&[0, 1, -1], Some(2)).as_slice(), [Ok(_)]));
        assert_eq!(judge(&[600, 601, 600], Some(600)), [Err(Fault::OwnClock { seconds: -600 })]);
        assert_eq!(judge(&[0, 1, -400], Some(-300)), [Err(Fault::ServersClock { seconds: -300 })]);
        assert_eq!(judge(&[90, 90], Some(0)).len(), 2, "both are wrong");
        assert!(judge(&[], Some(900)).is_empty(), "nobody to compare with");
    }
}
