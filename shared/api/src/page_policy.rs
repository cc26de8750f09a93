//! The Content-Security-Policy of the pages that functions write: the page's own, as `static/public/_headers` has it.

use domain::PublicOrigin;

/// Nothing is fetched that a text asks for, and no site shows it in a frame.
pub(crate) const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify worker solver stretcher reader";

/// The host of Turnstile's script and frame.
const TURNSTILE: &str = "https://challenges.cloudflare.com";

/// The policy of a page that these sites may show in a frame. `asks_turnstile` adds what `static/vite.config.ts` adds to the page's own.
pub(crate) fn framed_by(sites: &[PublicOrigin], asks_turnstile: bool) -> String {
    let sites: Vec<&str> = sites.iter().map(PublicOrigin::as_str).collect();
    let policy = POLICY.replace("frame-ancestors 'none'", &format!("frame-ancestors {}", sites.join(" ")));
    if !asks_turnstile {
        return policy;
    }
    policy
        .replace("script-src 'self'", &format!("script-src 'self' {TURNSTILE}"))
        .replace("worker-src 'self'", &format!("worker-src 'self'; frame-src {TURNSTILE}"))
        .replace("trusted-types dompurify", "trusted-types turnstile dompurify")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_pages() {
        let file = include_str!("../../../static/public/_headers");
        let line = file.lines().find_map(|line| line.trim().strip_prefix("Content-Security-Policy: "));
        assert_eq!(line, Some(POLICY));
    }

    #[test]
    fn only_the_listed_sites_may_show_it() {
        let sites = ["https://a.example", "http://localhost:9000"].map(|site| PublicOrigin::parse(site).unwrap());
        let policy = framed_by(&sites, false);
        assert!(policy.contains("; frame-ancestors https://a.example http://localhost:9000; "), "{policy}");
        assert!(!policy.contains("frame-src"), "{policy}");
        let policy = framed_by(&sites, true);
        for part in
            ["script-src 'self' https://challenges.cloudflare.com ", "; frame-src https://", "-types turnstile "]
        {
            assert!(policy.contains(part), "{policy}");
        }
    }
}
