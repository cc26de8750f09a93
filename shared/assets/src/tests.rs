//! What a browser and a cache get for what they ask.

use super::*;

const HEADERS: &str = "/*\n  Content-Security-Policy: default-src 'none'\n/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n";

/// `<!doctype html>`
const PAGE_BY_GZIP: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3\x51\x4c\xc9\x4f\x2e\xa9\x2c\x48\x55\xc8\x28\xc9\xcd\xb1\x03\x00\x48\xec\xb9\x87\x0f\x00\x00\x00";

const SITE: Site = Site {
    files: &[
        File {
            path: "/index.html",
            content_type: "text/html; charset=utf-8",
            etag: "W/\"page\"",
            plain: None,
            brotli: Some(b"page by brotli"),
            gzip: Some(PAGE_BY_GZIP),
        },
        File {
            path: "/assets/index-1.js",
            content_type: "text/javascript; charset=utf-8",
            etag: "W/\"script\"",
            plain: Some(b"script"),
            brotli: Some(b"script by brotli"),
            gzip: None,
        },
        File {
            path: "/icon.svg",
            content_type: "image/svg+xml",
            etag: "W/\"icon\"",
            plain: Some(b"<svg/>"),
            brotli: None,
            gzip: None,
        },
    ],
    headers: HEADERS,
    redirects: "/c/* / 200\n",
};

fn answer(method: &Method, path: &str, asked: &[(HeaderName, &'static str)]) -> Response<Bytes> {
    let mut headers = HeaderMap::new();
    for (name, value) in asked {
        headers.append(name, HeaderValue::from_static(value));
    }
    SITE.answer(method, path, &headers)
}

fn get(path: &str, asked: &[(HeaderName, &'static str)]) -> Response<Bytes> {
    answer(&Method::GET, path, asked)
}

fn header_of(response: &Response<Bytes>, name: &str) -> String {
    response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
}

#[test]
fn a_file_comes_with_its_type_and_tag() {
    let script = get("/assets/index-1.js", &[]);
    assert_eq!((script.status(), &script.body()[..]), (StatusCode::OK, &b"script"[..]));
    assert_eq!(header_of(&script, "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(header_of(&script, "etag"), "W/\"script\"");
    assert_eq!(header_of(&script, "content-encoding"), "");
}

#[test]
fn the_compressed_form_is_named_and_caches_keep_both_apart() {
    let page = get("/", &[(header::ACCEPT_ENCODING, "gzip, br")]);
    assert_eq!(&page.body()[..], b"page by brotli");
    assert_eq!(
        (header_of(&page, "content-encoding"), header_of(&page, "vary")),
        ("br".into(), "accept-encoding".into())
    );
    let page = get("/", &[(header::ACCEPT_ENCODING, "gzip, br;q=0")]);
    assert_eq!((header_of(&page, "content-encoding"), &page.body()[..]), ("gzip".into(), PAGE_BY_GZIP));
    assert_eq!(header_of(&get("/", &[]), "vary"), "accept-encoding", "also where it is plain");
    let icon = get("/icon.svg", &[(header::ACCEPT_ENCODING, "br")]);
    assert_eq!((header_of(&icon, "content-encoding"), header_of(&icon, "vary")), (String::new(), String::new()));
}

#[test]
fn what_has_a_hash_is_kept_and_the_rest_asked_for_again() {
    assert_eq!(header_of(&get("/assets/index-1.js", &[]), "cache-control"), "public, max-age=31536000, immutable");
    for path in ["/", "/index.html", "/c/0190", "/icon.svg"] {
        assert_eq!(header_of(&get(path, &[]), "cache-control"), "no-cache", "{path}");
    }
}

#[test]
fn who_has_it_is_told_so() {
    for known in ["W/\"page\"", "\"page\"", "\"old\", W/\"page\"", "*"] {
        let page = get("/c/0190", &[(header::IF_NONE_MATCH, known), (header::ACCEPT_ENCODING, "br")]);
        assert_eq!((page.status(), page.body().len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
        assert_eq!(header_of(&page, "etag"), "W/\"page\"");
        assert_eq!(header_of(&page, "vary"), "accept-encoding");
        assert_eq!(header_of(&page, "cache-control"), "no-cache");
    }
    for other in ["\"script\"", "", "page", "W/\"pag\""] {
        assert_eq!(get("/", &[(header::IF_NONE_MATCH, other)]).status(), StatusCode::OK, "{other}");
    }
}

#[test]
fn the_pages_own_addresses_are_the_page() {
    for path in ["/", "/index.html", "/c/01909e4b-0000-7000-8000-000000000000", "/c/", "/c/v1.2"] {
        let page = get(path, &[]);
        assert_eq!((page.status(), &page.body()[..]), (StatusCode::OK, &b"<!doctype html>"[..]), "{path}");
    }
}

#[test]
fn what_is_missing_is_missing_and_not_kept() {
    for path in [
        "/assets/index-2.js",
        "/assets/",
        "/assets/none",
        "/favicon.ico",
        "/robots.txt",
        "/_headers",
        "/_redirects",
        "/..",
        "/%2e%2e/x",
        "/a%00",
    ] {
        let missing = get(path, &[(header::IF_NONE_MATCH, "*")]);
        assert_eq!(missing.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header_of(&missing, "content-type"), "text/plain; charset=utf-8", "{path}");
        assert_eq!(header_of(&missing, "cache-control"), "no-store", "{path}");
        assert_eq!(header_of(&missing, "content-security-policy"), "default-src 'none'", "{path}");
    }
}

#[test]
fn a_mistyped_address_shows_the_page_and_says_404() {
    for path in ["/foo", "/settings", "/c", "/foo/bar/"] {
        let page = get(path, &[(header::IF_NONE_MATCH, "W/\"page\""), (header::ACCEPT_ENCODING, "br")]);
        assert_eq!((page.status(), &page.body()[..]), (StatusCode::NOT_FOUND, &b"page by brotli"[..]), "{path}");
        assert_eq!(header_of(&page, "content-type"), "text/html; charset=utf-8", "{path}");
        assert_eq!(header_of(&page, "cache-control"), "no-store", "{path}");
        assert_eq!(header_of(&page, "etag"), "", "{path}");
        assert_eq!(header_of(&page, "content-security-policy"), "default-src 'none'", "{path}");
    }
}

#[test]
fn every_answer_has_the_headers_of_the_page() {
    for path in ["/", "/assets/index-1.js", "/icon.svg", "/c/x"] {
        assert_eq!(header_of(&get(path, &[]), "content-security-policy"), "default-src 'none'", "{path}");
    }
}

#[test]
fn only_reading_is_allowed() {
    let head = answer(&Method::HEAD, "/assets/index-1.js", &[]);
    assert_eq!((head.status(), header_of(&head, "etag")), (StatusCode::OK, "W/\"script\"".to_owned()));
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::TRACE] {
        let refused = answer(&method, "/", &[]);
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(header_of(&refused, "allow"), "GET, HEAD");
    }
}
