//! The page's side of the server: files, the page's own addresses, and what is neither.

use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE};
use tests::{Answer, Call, Server};
use uuid::Uuid;

async fn get(path: &str) -> Answer {
    Server::under_test().send_outside_the_contract(Call::new("GET", path)).await
}

fn is_html(answer: &Answer) -> bool {
    answer.header(CONTENT_TYPE.as_str()).starts_with("text/html")
}

/// The first script of the page, such as `/assets/index-D1d7eq1l.js`.
async fn script() -> String {
    let page = get("/").await.expect(200).text();
    let (_, rest) = page.split_once("src=\"/assets/").expect("a script of the page");
    format!("/assets/{}", rest.split('"').next().unwrap())
}

#[tokio::test]
async fn a_missing_file_is_missing_for_a_moment_only_and_never_the_page() {
    let gone = script().await.replace(".js", "gone.js");
    let paths = [
        gone.as_str(),
        "/assets/gone.js",
        "/assets/gone.css",
        "/assets/gone",
        "/assets/",
        "/gone.png",
        "/_headers",
        "/_redirects",
    ];
    for path in paths {
        for method in ["GET", "HEAD"] {
            // A browser asks for a script in one way, somebody who types the address in the other.
            for mode in ["no-cors", "cors", "navigate"] {
                let call = Call::new(method, path).header("sec-fetch-mode", mode);
                let missing = Server::under_test().send_outside_the_contract(call).await;
                assert_eq!(missing.status, 404, "{method} {path} {mode}: {}", missing.shown());
                let kept = missing.header(CACHE_CONTROL.as_str());
                assert_eq!(
                    kept, "no-store",
                    "{method} {path} {mode}: a cache would go on with it after the next deployment"
                );
                assert!(!is_html(&missing), "{method} {path} {mode}: {}", missing.shown());
            }
        }
    }
}

#[tokio::test]
async fn a_file_with_a_hash_in_its_name_is_kept() {
    let script = get(&script().await).await.expect(200);
    assert_eq!(script.header(CACHE_CONTROL.as_str()), "public, max-age=31536000, immutable");
    assert!(script.header(CONTENT_TYPE.as_str()).starts_with("text/javascript"));
}

#[tokio::test]
async fn what_crawlers_and_browsers_ask_for_by_name_is_there() {
    let robots = get("/robots.txt").await.expect(200);
    assert!(robots.header(CONTENT_TYPE.as_str()).starts_with("text/plain"));
    assert!(robots.text().contains("Disallow: /api/"), "{}", robots.shown());
    let icon = get("/favicon.ico").await.expect(200);
    assert!(icon.header(CONTENT_TYPE.as_str()).starts_with("image/"));
    assert_eq!(&icon.body[..4], &[0, 0, 1, 0], "an ICO file");
}

#[tokio::test]
async fn the_page_is_at_its_own_addresses_and_a_mistyped_one_shows_it_with_404() {
    let page = get("/").await.expect(200);
    assert!(is_html(&page));
    let sessions = [format!("/c/{}", Uuid::now_v7()), format!("/c/{}/", Uuid::now_v7())];
    for path in sessions.into_iter().chain(["/c/x?y=z", "/admin", "/admin?x"].map(str::to_owned)) {
        let own = get(&path).await.expect(200);
        assert!(is_html(&own) && own.body == page.body, "{path}: {}", own.shown());
        assert_ne!(own.header(CACHE_CONTROL.as_str()), "no-store", "{path}");
    }
    for path in ["/foo", "/foo/bar", "/c", "/login?next=/", "/wp-admin/", "/admin/x"] {
        let mistyped = get(path).await.expect(404);
        assert!(is_html(&mistyped) && mistyped.body == page.body, "{path}: {}", mistyped.shown());
        assert_eq!(mistyped.header(CACHE_CONTROL.as_str()), "no-store", "{path}");
        assert_eq!(mistyped.optional_header("etag"), None, "{path}");
        let policy = "content-security-policy";
        assert_eq!(mistyped.header(policy), page.header(policy), "{path}");
    }
}

/// As the API's (`cross_origin.rs`): the host's subdomains are not ours to speak for.
#[tokio::test]
async fn the_page_speaks_for_its_own_host_only() {
    for path in ["/", script().await.as_str()] {
        let answer = get(path).await.expect(200);
        assert_eq!(answer.header("strict-transport-security"), "max-age=31536000", "{path}");
    }
}
