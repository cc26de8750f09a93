//! The page behind a link to a branch: readable as it is, for people, for what shows a preview of it, and without a script. The page's own script
//! (`static/src/later/shared`) then shows the same text as Markdown.

mod words;

use domain::{MessageRole, PublicOrigin, SharedBranch, SharedMessage};
use http::{HeaderValue, Response, StatusCode, header};

pub(crate) use self::words::Words;
use crate::page_policy::POLICY;
use crate::response::Body;

/// What the page as a whole is called: `cargo xtask` tells the operator's name for it.
pub(crate) const NAME: &str = match option_env!("EDGEWISE_BRAND_NAME") {
    Some(name) => name,
    None => "Edgewise",
};

/// The operator's own pages, told in the same way: a line each, of label and address with a tab between.
const LINKS: &str = match option_env!("EDGEWISE_BRAND_LINKS") {
    Some(links) => links,
    None => "",
};

/// The page of a branch, in the language of a header `Accept-Language`. Previews want whole addresses, which only the operator's own `origin` tells.
pub(crate) fn shown(
    shared: &SharedBranch,
    token: &str,
    origin: Option<&PublicOrigin>,
    accepted: Option<&HeaderValue>,
) -> Response<Body> {
    let words = Words::wanted(accepted);
    let made_by_ai = escaped(words.made_by_ai);
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
    let go_on =
        format!("<p class=\"shared-go-on\"><a href=\"/#go-on={}\">{}</a></p>", escaped(token), escaped(words.go_on));
    let body = format!(
        "<header class=\"shared-head\"><h1 dir=\"auto\">{title}</h1><p class=\"shared-note\">{made_by_ai}</p></header>\
         {earlier}{messages}{go_on}"
    );
    page(StatusCode::OK, words, &head, &body)
}

/// The page of what cannot be shown, in the language of who has opened it.
pub(crate) fn problem(status: StatusCode, words: &Words) -> Response<Body> {
    let told = match status {
        StatusCode::NOT_FOUND => words.nothing,
        StatusCode::TOO_MANY_REQUESTS => words.too_often,
        _ => words.not_now,
    };
    let body = format!("<header class=\"shared-head\"><h1>{}</h1></header>", escaped(told));
    page(status, words, &format!("<title>{}</title>", escaped(NAME)), &body)
}

/// The foot of a page that the functions write: the way to the chat, and the operator's own pages.
pub(crate) fn footer() -> String {
    format!("<footer><a href=\"/\">{}</a>{}</footer>", escaped(NAME), ways(LINKS))
}

/// The build lets no address through that runs a script.
fn ways(links: &str) -> String {
    let way = |(label, address): (&str, &str)| {
        format!(" · <a href=\"{}\" target=\"_blank\">{}</a>", escaped(address), escaped(label))
    };
    links.lines().filter_map(|line| line.split_once('\t')).map(way).collect()
}

fn note(words: &str) -> String {
    format!("<p class=\"shared-note\">{}</p>", escaped(words))
}

fn message(message: &SharedMessage, words: &Words) -> String {
    let (role, speaker) = match message.role {
        MessageRole::User => ("user", words.visitor),
        MessageRole::Assistant | MessageRole::System => ("assistant", words.ai),
    };
    let speaker = escaped(speaker);
    let cut = if message.is_cut { note(words.cut) } else { String::new() };
    format!(
        "<article class=\"shared-message {role}\"><h2>{speaker}</h2><div class=\"shared-text\" dir=\"auto\">{}</div>{cut}</article>",
        escaped(&message.content)
    )
}

fn page(status: StatusCode, words: &Words, head: &str, body: &str) -> Response<Body> {
    let (language, direction) = (words.language, words.direction());
    let footer = footer();
    let html = format!(
        "<!doctype html><html lang=\"{language}\" dir=\"{direction}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">\
         <meta name=\"robots\" content=\"noindex\">{head}<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"/page.css\"><script src=\"/theme.js\"></script><script type=\"module\" src=\"/page.js\"></script></head>\
         <body class=\"shared\"><div id=\"shared\"><main>{body}{footer}</main></div></body></html>"
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
        let told = ways(&format!("{hostile}\thttps://chat.example/?a&b"));
        assert!(told.contains(escaped) && told.contains("href=\"https://chat.example/?a&amp;b\""), "{told}");
        assert!(ways("Privacy\t/p\nImprint\t/i").ends_with(" · <a href=\"/i\" target=\"_blank\">Imprint</a>"));
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
        for words in Words::all() {
            let accepted = HeaderValue::from_static(words.language);
            let head = format!("<html lang=\"{}\" dir=\"{}\">", words.language, words.direction());
            let check = |response: Response<Body>, told: &[&str]| {
                assert_eq!(response.headers()[header::CONTENT_LANGUAGE], words.language);
                assert_eq!(response.headers()[header::VARY], "accept-language");
                let page = html(response);
                for told in told {
                    assert!(page.contains(told), "{}: {told}", words.language);
                }
                assert!(page.contains(&head) && page.contains("<footer><a href=\"/\">"), "{page}");
            };
            let told = [words.untitled, words.made_by_ai, words.earlier, words.go_on, words.visitor, words.cut];
            check(shown(&shared, "token", None, Some(&accepted)), &told);
            // What is told of a link that shows nothing says nothing else.
            for (status, told) in [
                (StatusCode::NOT_FOUND, words.nothing),
                (StatusCode::TOO_MANY_REQUESTS, words.too_often),
                (StatusCode::SERVICE_UNAVAILABLE, words.not_now),
            ] {
                let response = problem(status, Words::wanted(Some(&accepted)));
                assert_eq!(response.status(), status);
                check(response, &[&format!("<h1>{told}</h1>")]);
            }
        }
    }
}
