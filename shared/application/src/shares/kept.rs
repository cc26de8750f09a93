//! What links have shown lately, in the memory of an instance that lives on: a branch of one revision never changes, so the database need not send it
//! again, and what it sends is paid for. Nothing is shown from here that the database has not been asked about.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use domain::SharedBranch;

/// Bytes of all texts, at most: some eight of the longest branches in 128 MB.
const MOST_BYTES: usize = 2 * 1024 * 1024;

thread_local! {
    /// By the hash of a link's token, the last shown at the end.
    static KEPT: RefCell<Kept> = const { RefCell::new(Kept(VecDeque::new())) };
}

/// Takes out what a link has shown; who finds that it still does puts it back.
pub(super) fn take(hash: &[u8; 32]) -> Option<Rc<SharedBranch>> {
    KEPT.with_borrow_mut(|kept| kept.take(hash))
}

/// Keeps what a link shows.
pub(super) fn keep(hash: [u8; 32], branch: Rc<SharedBranch>) {
    KEPT.with_borrow_mut(|kept| kept.keep(hash, branch));
}

struct Kept(VecDeque<([u8; 32], Rc<SharedBranch>)>);

impl Kept {
    fn take(&mut self, hash: &[u8; 32]) -> Option<Rc<SharedBranch>> {
        let at = self.0.iter().position(|(of, _)| of == hash)?;
        self.0.remove(at).map(|(_, branch)| branch)
    }

    fn keep(&mut self, hash: [u8; 32], branch: Rc<SharedBranch>) {
        // Another reader may have come back first.
        self.take(&hash);
        self.0.push_back((hash, branch));
        let mut bytes: usize = self.0.iter().map(|(_, branch)| weight(branch)).sum();
        while bytes > MOST_BYTES {
            let Some((_, gone)) = self.0.pop_front() else { return };
            bytes = bytes.saturating_sub(weight(&gone));
        }
    }
}

/// Its texts, and about what stands around them.
fn weight(branch: &SharedBranch) -> usize {
    1_000 + branch.messages.iter().map(|message| message.content.len() + 100).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use domain::{MessageRole, SharedMessage};

    use super::*;

    fn branch(bytes: usize) -> Rc<SharedBranch> {
        let said = SharedMessage { role: MessageRole::User, content: "x".repeat(bytes), is_cut: false, model: None };
        Rc::new(SharedBranch { title: None, revision: 1, has_earlier: false, messages: vec![said] })
    }

    #[test]
    fn the_last_that_were_shown_are_kept_and_no_more_than_has_room() {
        let mut kept = Kept(VecDeque::new());
        for link in 0..20 {
            kept.keep([link; 32], branch(256 * 1024));
            // The first is read again and again.
            let first = kept.take(&[0; 32]).expect("the first one");
            kept.keep([0; 32], first);
        }
        let left: Vec<u8> = kept.0.iter().map(|(hash, _)| hash[0]).collect();
        assert_eq!(left, [14, 15, 16, 17, 18, 19, 0]);
        // Of two readers at once each puts it back.
        kept.keep([0; 32], branch(1));
        assert_eq!(kept.0.iter().filter(|(hash, _)| *hash == [0; 32]).count(), 1);
        kept.keep([21; 32], branch(3 * 1024 * 1024));
        assert!(kept.0.is_empty(), "what has no room of its own");
    }
}
