//! A page on disk becomes files of a program: what is written is read back as a browser does.

#![allow(clippy::unwrap_used, reason = "a failing test panics")]

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use assets_build::{EmbedError, embed};
use flate2::read::GzDecoder;

/// A page with these files, embedded; the source that came of it and where its forms are.
fn embedded(name: &str, files: &[(&str, &[u8])]) -> (Result<String, EmbedError>, PathBuf) {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let (page, out) = (root.join("page"), root.join("out"));
    if root.exists() {
        fs::remove_dir_all(&root).unwrap();
    }
    fs::create_dir_all(&out).unwrap();
    for (path, content) in files {
        let path = page.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    (embed(&page, &out).map(|()| fs::read_to_string(out.join("site.rs")).unwrap()), out)
}

/// The file that the table names as this form of `address`.
fn form(source: &str, address: &str, form: &str) -> Option<Vec<u8>> {
    let entry = source.lines().find(|line| line.contains(&format!("path: {address:?}"))).unwrap();
    let value = entry.split(&format!("{form}: ")).nth(1).unwrap();
    let file = value.strip_prefix("Some(").unwrap_or(value).strip_prefix("include_bytes!(\"")?.split('"').next()?;
    Some(fs::read(file).unwrap())
}

#[test]
fn each_form_is_the_file() {
    let short = "const text = 'again and again';\n".repeat(200);
    // Where brotli finds more than gzip: what is said again is said far away.
    let script = (0..40_000_u32).map(|n| format!("{:x}\n", n.wrapping_mul(2_654_435_761) % 9_973)).collect::<String>();
    let mut state = 88_172_645_463_325_252_u64;
    let noise: Vec<u8> = (0..4096)
        .map(|_| {
            // Marsaglia's xorshift: nothing a compressor finds.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect();
    let files: &[(&str, &[u8])] = &[
        ("index.html", b"<!doctype html>"),
        ("assets/a.js", script.as_bytes()),
        ("assets/s.js", short.as_bytes()),
        ("assets/n.wasm", &noise),
    ];
    let (source, _) = embedded("forms", files);
    let source = source.unwrap();
    assert_eq!(form(&source, "/assets/a.js", "plain"), None, "it is made of the form by gzip");
    assert_eq!(form(&source, "/assets/n.wasm", "plain").unwrap(), noise);
    let mut text = String::new();
    GzDecoder::new(&*form(&source, "/assets/a.js", "gzip").unwrap()).read_to_string(&mut text).unwrap();
    assert_eq!(text, script);
    let mut plain = Vec::new();
    brotli::BrotliDecompress(&mut &*form(&source, "/assets/a.js", "brotli").unwrap(), &mut plain).unwrap();
    assert_eq!(plain, script.as_bytes());
    assert_eq!(form(&source, "/assets/n.wasm", "brotli"), None, "noise does not shrink");
    assert_eq!(form(&source, "/assets/s.js", "brotli"), None, "gzip is about as short");
    assert!(form(&source, "/assets/s.js", "gzip").is_some());
    assert_eq!(form(&source, "/index.html", "gzip"), None, "too short to shrink");
}

#[test]
fn types_are_those_a_browser_insists_on() {
    let names =
        ["index.html", "a.js", "a.css", "a.svg", "a.wasm", "a.json", "a.woff2", "a.webmanifest", "a.unheard-of"];
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (*name, &b"x"[..])).collect();
    let source = embedded("types", &files).0.unwrap();
    for (name, content_type) in [
        ("/index.html", "text/html; charset=utf-8"),
        ("/a.js", "text/javascript; charset=utf-8"),
        ("/a.css", "text/css; charset=utf-8"),
        ("/a.svg", "image/svg+xml"),
        ("/a.wasm", "application/wasm"),
        ("/a.json", "application/json; charset=utf-8"),
        ("/a.woff2", "font/woff2"),
        ("/a.unheard-of", "application/octet-stream"),
    ] {
        let expected = format!("path: {name:?}, content_type: {content_type:?}");
        assert!(source.contains(&expected), "{expected} in {source}");
    }
}

#[test]
fn a_tag_changes_with_the_file_and_only_then() {
    let tag = |name: &str, content: &[u8]| {
        let source = embedded(name, &[("index.html", content)]).0.unwrap();
        source.split("etag: ").nth(1).unwrap().split(',').next().unwrap().to_owned()
    };
    assert_eq!(tag("tag", b"a"), tag("tag", b"a"));
    assert_ne!(tag("tag", b"a"), tag("tag", b"b"));
}

#[test]
fn the_headers_are_taken_over_and_no_file() {
    let headers = "/*\n  X-Quote: \"a\"\n";
    let source = embedded("headers", &[("index.html", b"x"), ("_headers", headers.as_bytes())]).0.unwrap();
    assert!(source.contains(&format!("headers: {headers:?}")), "{source}");
    assert!(!source.contains("/_headers"), "{source}");
}

#[test]
fn so_are_the_addresses() {
    let redirects = "/c/* / 200\n";
    let source = embedded("redirects", &[("index.html", b"x"), ("_redirects", redirects.as_bytes())]).0.unwrap();
    assert!(source.contains(&format!("redirects: {redirects:?}")), "{source}");
    assert!(!source.contains("/_redirects"), "{source}");
}

#[test]
fn what_cannot_be_served_is_refused() {
    let (none, _) = embedded("none", &[]);
    assert!(matches!(none, Err(EmbedError::NotBuilt(_))));
    let (rules, _) = embedded("rules", &[("index.html", b"x"), ("_headers", b"nonsense")]);
    assert!(matches!(rules, Err(EmbedError::Rules(_))));
    let (addresses, _) = embedded("addresses", &[("index.html", b"x"), ("_redirects", b"/a /b 301")]);
    assert!(matches!(addresses, Err(EmbedError::Rules(_))));
    let (name, _) = embedded("name", &[("index.html", b"x"), ("a b.js", b"x")]);
    assert!(matches!(name, Err(EmbedError::Name(_))));
}
