//! The page in the frame of another site: who may show it, and what that site loads.

use tests::{Call, Server};

use crate::accounts;

#[tokio::test]
async fn without_sites_there_is_no_page_for_them() {
    for method in ["GET", "DELETE"] {
        for path in ["/embed", "/embed/c/x"] {
            Server::under_test().send(Call::new(method, path)).await.problem(404, "not_found");
        }
    }
}

#[tokio::test]
async fn only_the_listed_sites_may_show_it_and_only_this_page() {
    let server = accounts::server().await;
    for path in ["/embed", "/embed/c/01909e4b-0000-7000-8000-000000000000"] {
        let page = server.send(Call::new("GET", path)).await.expect(200);
        let policy = page.header("content-security-policy");
        assert!(policy.contains("; frame-ancestors https://shop.example http://localhost:9000;"), "{policy}");
        assert_eq!(page.optional_header("x-frame-options"), None, "it would forbid what the policy allows");
        assert!(page.header("content-type").starts_with("text/html") && page.text().contains("id=\"page\""));
        assert!(page.text().contains("data-sites=\"https://shop.example http://localhost:9000\""), "{}", page.text());
    }
    for path in ["/", "/c/01909e4b-0000-7000-8000-000000000000", "/embedded", "/s/none", "/api/v1/chat/quota"] {
        let other = server.send_outside_the_contract(Call::new("GET", path)).await;
        assert!(other.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
}

#[tokio::test]
async fn other_sites_may_load_the_button_and_nothing_else() {
    let load = async |path: &str| Server::under_test().send_outside_the_contract(Call::new("GET", path)).await;
    let button = load("/embed.js").await.expect(200);
    assert_eq!(button.header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(button.header("cache-control"), "public, max-age=300");
    assert_eq!(load("/frame.js").await.expect(200).header("cross-origin-resource-policy"), "same-origin");
}
