//! The page behind a link to a branch: readable as it is, for people, for what shows a preview of it, and without a script. The page's own script
//! (`static/src/later/shared`) then shows the same text as Markdown.

use domain::{MessageRole, PublicOrigin, SharedBranch, SharedMessage};
use http::{HeaderValue, Response, StatusCode, header};

use crate::response::Body;

/// The page's own policy, as `static/public/_headers` has it: nothing is fetched that a shared text asks for.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify worker solver stretcher",
);

/// What it is called where there is no title.
const UNTITLED: &str = "A shared chat";

/// The mark of what a model has written, also where the link is named elsewhere.
const MADE_BY_AI: &str = "A chat with an AI, shared by a visitor. Its answers were made by AI and may be wrong.";

/// The page of a branch. Previews want whole addresses, which only the operator's own `origin` tells.
pub(crate) fn shown(shared: &SharedBranch, origin: Option<&PublicOrigin>) -> Response<Body> {
    let title = shared.title.as_deref().filter(|title| !title.is_empty()).unwrap_or(UNTITLED);
    let title = escaped(title);
    let picture = origin.map(|origin| {
        format!(
            "<meta property=\"og:image\" content=\"{}/icon-512.png\"><meta name=\"twitter:card\" content=\"summary\">",
            origin.as_str()
        )
    });
    let head = format!(
        "<title>{title} · Edgewise</title>\
         <meta name=\"description\" content=\"{MADE_BY_AI}\">\
         <meta property=\"og:type\" content=\"article\"><meta property=\"og:site_name\" content=\"Edgewise\">\
         <meta property=\"og:title\" content=\"{title}\"><meta property=\"og:description\" content=\"{MADE_BY_AI}\">{}",
        picture.unwrap_or_default()
    );
    let earlier = if shared.has_earlier { "<p class=\"shared-note\">The chat began earlier.</p>" } else { "" };
    let messages: String = shared.messages.iter().map(message).collect();
    let body = format!(
        "<header class=\"shared-head\"><h1 dir=\"auto\">{title}</h1><p class=\"shared-note\">{MADE_BY_AI}</p></header>\
         {earlier}{messages}"
    );
    page(StatusCode::OK, &head, &body)
}

/// The page of a link that cannot be shown.
pub(crate) fn problem(status: StatusCode, words: &str) -> Response<Body> {
    let words = escaped(words);
    let body = format!("<header class=\"shared-head\"><h1>{words}</h1></header>");
    page(status, "<title>Edgewise</title>", &body)
}

fn message(message: &SharedMessage) -> String {
    let (role, speaker) = match message.role {
        MessageRole::User => ("user", "Visitor"),
        MessageRole::Assistant | MessageRole::System => ("assistant", "AI"),
    };
    let cut = if message.is_cut { "<p class=\"shared-note\">The answer had broken off here.</p>" } else { "" };
    format!(
        "<article class=\"shared-message {role}\"><h2>{speaker}</h2><div class=\"shared-text\" dir=\"auto\">{}</div>{cut}</article>",
        escaped(&message.content)
    )
}

fn page(status: StatusCode, head: &str, body: &str) -> Response<Body> {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"robots\" content=\"noindex\">{head}<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"/page.css\"><script src=\"/theme.js\"></script><script type=\"module\" src=\"/page.js\"></script></head>\
         <body class=\"shared\"><div id=\"shared\"><main>{body}<footer><a href=\"/\">Edgewise</a></footer></main></div></body></html>"
    );
    let mut response = Response::new(Body::Whole(html.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

/// A text as it stands between tags and in an attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(response: Response<Body>) -> String {
        match response.into_body() {
            Body::Whole(body) => String::from_utf8(body.to_vec()).unwrap(),
            Body::Stream(_) => panic!("a stream"),
        }
    }

    #[test]
    fn what_was_said_is_text_wherever_it_stands() {
        let hostile = "\"><script>alert(1)</script><img src=x onerror='alert(2)'>&amp;";
        let said = SharedMessage { role: MessageRole::User, content: hostile.to_owned(), is_cut: false, model: None };
        let shared =
            SharedBranch { title: Some(hostile.to_owned()), revision: 1, has_earlier: false, messages: vec![said] };
        let page = html(shown(&shared, None));
        let escaped =
            "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;alert(2)&#39;&gt;&amp;amp;";
        assert_eq!(page.matches(escaped).count(), 4, "title, og:title, heading, message: {page}");
        assert!(!page.contains("alert(1)</script>") && !page.contains("<img"), "{page}");
        let told = html(problem(StatusCode::NOT_FOUND, hostile));
        assert!(told.contains(escaped) && !told.contains("<img"), "{told}");
    }

    #[test]
    fn the_policy_is_the_pages() {
        let file = include_str!("../../../static/public/_headers");
        let line = file.lines().find_map(|line| line.trim().strip_prefix("Content-Security-Policy: "));
        assert_eq!(line, Some(POLICY.to_str().unwrap()));
    }

    #[test]
    fn a_preview_has_a_picture_where_the_origin_is_known() {
        let shared = SharedBranch { title: None, revision: 1, has_earlier: true, messages: Vec::new() };
        let origin = PublicOrigin::parse("https://chat.example").unwrap();
        let page = html(shown(&shared, Some(&origin)));
        assert!(page.contains("og:image\" content=\"https://chat.example/icon-512.png"), "{page}");
        assert!(page.contains("<title>A shared chat · Edgewise</title>") && page.contains("began earlier"), "{page}");
        assert!(!html(shown(&shared, None)).contains("og:image"));
    }
}
