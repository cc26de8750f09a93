//! The pauses between tries.

use super::*;

#[test]
fn three_tries_and_no_more() {
    assert!(pause_before_retry(1, None, 0).is_some());
    assert!(pause_before_retry(2, None, 0).is_some());
    assert_eq!(pause_before_retry(3, None, 0), None);
}

#[test]
fn the_pause_is_anything_up_to_one_that_doubles() {
    for (failed, longest) in [(1, 300), (2, 600)] {
        assert_eq!(pause_before_retry(failed, None, 0), Some(Duration::ZERO));
        assert_eq!(pause_before_retry(failed, None, u32::MAX), Some(Duration::from_millis(longest)));
        let half = pause_before_retry(failed, None, u32::MAX / 2).unwrap();
        assert!(half.abs_diff(Duration::from_millis(longest / 2)) < Duration::from_millis(1), "{half:?}");
    }
}

#[test]
fn a_wish_is_waited_for_on_top_unless_it_is_too_long() {
    let second = Duration::from_secs(1);
    assert_eq!(pause_before_retry(1, Some(second), 0), Some(second));
    assert_eq!(pause_before_retry(1, Some(second), u32::MAX), Some(second + Duration::from_millis(300)));
    assert_eq!(pause_before_retry(1, Some(LONGEST_WISH + second), 0), None);
}
