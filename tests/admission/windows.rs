//! The minute slides and the day ends at midnight UTC, both by Redis' clock.

use std::time::Duration;

use tests::clock::MovedClock;
use tests::{Answer, Server, Visitor};

const DAY: u64 = 86_400;

async fn send(visitor: &Visitor) -> Answer {
    visitor.send(None, &visitor.text("tick")).await
}

#[tokio::test]
async fn the_minute_slides_so_that_its_edge_cannot_be_used_twice() {
    let server = Server::started_with(&[("CHAT_RATE_LIMIT_PER_MINUTE", "3")]).await;
    let clock = MovedClock::take().await;
    let visitor = Visitor::of(&server, "guest").await;
    // One at 0 s, two at 40 s.
    send(&visitor).await.expect(200);
    clock.set(Duration::from_secs(40)).await;
    send(&visitor).await.expect(200);
    send(&visitor).await.expect(200);
    let refused = send(&visitor).await;
    refused.problem(429, "rate_limited");
    assert!(
        (10..=21).contains(&refused.number("retry-after")),
        "free when the first is a minute old: {}",
        refused.number("retry-after")
    );
    // At 62 s only the first has slid out: a counter per calendar minute would admit three.
    clock.set(Duration::from_secs(62)).await;
    send(&visitor).await.expect(200);
    let refused = send(&visitor).await;
    refused.problem(429, "rate_limited");
    assert!((25..=40).contains(&refused.number("retry-after")), "{}", refused.number("retry-after"));
    // At 102 s the two of 40 s are out as well.
    clock.set(Duration::from_secs(102)).await;
    send(&visitor).await.expect(200);
    send(&visitor).await.expect(200);
    send(&visitor).await.problem(429, "rate_limited");
    clock.set(Duration::from_secs(200)).await;
    assert_eq!(visitor.quota().await["minute"]["used"], 0);
    visitor.leaves().await;
}

#[tokio::test]
async fn midnight_utc_ends_the_day() {
    let server = Server::started_with(&[("CHAT_DAILY_MESSAGE_QUOTA", "2")]).await;
    let clock = MovedClock::take().await;
    let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap();
    let to_midnight = DAY - now % DAY;
    let midnight = i64::try_from(now + to_midnight).unwrap();
    let visitor = Visitor::of(&server, "guest").await;
    // Half a minute before midnight the day is used up.
    clock.set(Duration::from_secs(to_midnight.saturating_sub(30))).await;
    send(&visitor).await.expect(200);
    send(&visitor).await.expect(200);
    let refused = send(&visitor).await;
    let error = refused.problem(429, "quota_exceeded");
    let reset: jiff::Timestamp = error["reset_at"].as_str().unwrap().parse().unwrap();
    assert_eq!((reset.as_second(), refused.number("x-daily-quota-reset")), (midnight, midnight));
    assert!((1..=31).contains(&refused.number("retry-after")), "{}", refused.number("retry-after"));
    // A second after midnight it is another day.
    clock.set(Duration::from_secs(to_midnight + 1)).await;
    assert_eq!(visitor.used_today().await, 0);
    let admitted = send(&visitor).await.expect(200);
    assert_eq!(admitted.number("x-daily-quota-remaining"), 1);
    assert_eq!(admitted.number("x-daily-quota-reset"), midnight + i64::try_from(DAY).unwrap());
    visitor.leaves().await;
}
