//! The page behind a link to a branch: readable as it is, for people, for what shows a preview of it, and without a script. The page's own script
//! (`static/src/later/shared`) then shows the same text as Markdown.

mod words;

use domain::{MessageRole, PublicOrigin, SharedBranch, SharedMessage};
use http::{HeaderValue, Response, StatusCode, header};

use self::words::{ALL, Words};
use crate::page_policy::POLICY;
use crate::response::Body;

/// What the page as a whole is called: `cargo xtask` tells the operator's name for it.
pub(crate) const NAME: &str = match option_env!("EDGEWISE_BRAND_NAME") {
    Some(name) => name,
    None => "Edgewise",
};

/// The page of a branch, in the language of a header `Accept-Language`. Previews want whole addresses, which only the operator's own `origin` tells.
pub(crate) fn shown(
    shared: &SharedBranch,
    token: &str,
    origin: Option<&PublicOrigin>,
    accepted: Option<&HeaderValue>,
) -> Response<Body> {
    let words = Words::wanted(accepted);
    let made_by_ai = words.made_by_ai;
    let title = shared.title.as_deref().filter(|title| !title.is_empty()).unwrap_or(words.untitled);
    let title = escaped(title);
    let picture = origin.map(|origin| {
        format!(
            "<meta property=\"og:image\" content=\"{}/icon-512.png\"><meta name=\"twitter:card\" content=\"summary\">",
            origin.as_str()
        )
    });
    let name = escaped(NAME);
    let head = format!(
        "<title>{title} · {name}</title>\
         <meta name=\"description\" content=\"{made_by_ai}\">\
         <meta property=\"og:type\" content=\"article\"><meta property=\"og:site_name\" content=\"{name}\">\
         <meta property=\"og:title\" content=\"{title}\"><meta property=\"og:description\" content=\"{made_by_ai}\">{}",
        picture.unwrap_or_default()
    );
    let earlier = if shared.has_earlier { note(words.earlier) } else { String::new() };
    let messages: String = shared.messages.iter().map(|one| message(one, words)).collect();
    // Behind `#`, so that the page asks before it does anything.
    let go_on = format!("<p class=\"shared-go-on\"><a href=\"/#go-on={}\">{}</a></p>", escaped(token), words.go_on);
    let body = format!(
        "<header class=\"shared-head\"><h1 dir=\"auto\">{title}</h1><p class=\"shared-note\">{made_by_ai}</p></header>\
         {earlier}{messages}{go_on}"
    );
    page(StatusCode::OK, words, &head, &body)
}

/// The page of a link that cannot be shown.
pub(crate) fn problem(status: StatusCode, words: &str) -> Response<Body> {
    let words = escaped(words);
    let body = format!("<header class=\"shared-head\"><h1>{words}</h1></header>");
    // Errors are in English everywhere.
    page(status, &ALL[0], &format!("<title>{}</title>", escaped(NAME)), &body)
}

fn note(words: &str) -> String {
    format!("<p class=\"shared-note\">{words}</p>")
}

fn message(message: &SharedMessage, words: &Words) -> String {
    let (role, speaker) = match message.role {
        MessageRole::User => ("user", words.visitor),
        MessageRole::Assistant | MessageRole::System => ("assistant", words.ai),
    };
    let cut = if message.is_cut { note(words.cut) } else { String::new() };
    format!(
        "<article class=\"shared-message {role}\"><h2>{speaker}</h2><div class=\"shared-text\" dir=\"auto\">{}</div>{cut}</article>",
        escaped(&message.content)
    )
}

fn page(status: StatusCode, words: &Words, head: &str, body: &str) -> Response<Body> {
    let (language, direction) = (words.language, words.direction());
    let name = escaped(NAME);
    let html = format!(
        "<!doctype html><html lang=\"{language}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"robots\" content=\"noindex\">{head}<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"/page.css\"><script src=\"/theme.js\"></script><script type=\"module\" src=\"/page.js\"></script></head>\
         <body class=\"shared\"><div id=\"shared\"><main>{body}<footer><a href=\"/\">{name}</a></footer></main></div></body></html>"
    );
    let mut response = Response::new(Body::Whole(html.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(words.language));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

/// A text as it stands between tags and in an attribute.
pub(crate) fn escaped(text: &str) -> String {
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
        let page = html(shown(&shared, "token", None, None));
        let escaped =
            "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&#39;alert(2)&#39;&gt;&amp;amp;";
        assert_eq!(page.matches(escaped).count(), 4, "title, og:title, heading, message: {page}");
        assert!(!page.contains("alert(1)</script>") && !page.contains("<img"), "{page}");
        let told = html(problem(StatusCode::NOT_FOUND, hostile));
        assert!(told.contains(escaped) && !told.contains("<img"), "{told}");
    }

    #[test]
    fn a_preview_has_a_picture_where_the_origin_is_known() {
        let shared = SharedBranch { title: None, revision: 1, has_earlier: true, messages: Vec::new() };
        let origin = PublicOrigin::parse("https://chat.example").unwrap();
        let page = html(shown(&shared, "token", Some(&origin), None));
        assert!(page.contains("og:image\" content=\"https://chat.example/icon-512.png"), "{page}");
        assert!(page.contains("<title>A shared chat · Edgewise</title>") && page.contains("began earlier"), "{page}");
        assert!(!html(shown(&shared, "token", None, None)).contains("og:image"));
    }

    #[test]
    fn the_page_is_in_the_readers_language() {
        let said = SharedMessage { role: MessageRole::User, content: "hi".to_owned(), is_cut: true, model: None };
        let shared = SharedBranch { title: None, revision: 1, has_earlier: true, messages: vec![said] };
        for words in &ALL {
            let response = shown(&shared, "token", None, Some(&HeaderValue::from_static(words.language)));
            assert_eq!(response.headers()[header::CONTENT_LANGUAGE], words.language);
            let page = html(response);
            for told in [words.untitled, words.made_by_ai, words.earlier, words.go_on, words.visitor, words.cut] {
                assert!(page.contains(told), "{}: {told}", words.language);
                assert_eq!(escaped(told), told, "it stands between tags as it is");
            }
            let head = format!("<html lang=\"{}\" dir=\"{}\">", words.language, words.direction());
            assert!(page.contains(&head), "{page}");
        }
    }
}
