//! What the page behind a link says, in the languages of the chat page (`static/src/words`). It is written here, because it is to be readable without a script.

use http::HeaderValue;

/// The page's words in one language.
pub(super) struct Words {
    /// Its tag.
    pub language: &'static str,
    /// What the page is called where the chat has no title.
    pub untitled: &'static str,
    /// The mark of what a model has written, also where the link is named elsewhere.
    pub made_by_ai: &'static str,
    /// Messages before the first are not shown.
    pub earlier: &'static str,
    /// The way to a copy of one's own.
    pub go_on: &'static str,
    /// Who has asked.
    pub visitor: &'static str,
    /// Who has answered.
    pub ai: &'static str,
    /// An answer has no end.
    pub cut: &'static str,
}

/// English is what whoever asks for nothing that is here reads.
pub(super) const ALL: [Words; 8] = [
    Words {
        language: "en",
        untitled: "A shared chat",
        made_by_ai: "A chat with an AI, shared by a visitor. Its answers were made by AI and may be wrong.",
        earlier: "The chat began earlier.",
        go_on: "Go on with this chat",
        visitor: "Visitor",
        ai: "AI",
        cut: "The answer had broken off here.",
    },
    Words {
        language: "de",
        untitled: "Ein geteilter Chat",
        made_by_ai: "Ein Chat mit einer KI, von jemandem geteilt. Die Antworten sind von einer KI und können falsch sein.",
        earlier: "Der Chat begann früher.",
        go_on: "Mit diesem Chat weitermachen",
        visitor: "Jemand",
        ai: "KI",
        cut: "Hier war die Antwort abgebrochen.",
    },
    Words {
        language: "fr",
        untitled: "Une discussion partagée",
        made_by_ai: "Une discussion avec une IA, partagée par quelqu’un. Les réponses viennent d’une IA et peuvent être fausses.",
        earlier: "La discussion a commencé plus tôt.",
        go_on: "Continuer cette discussion",
        visitor: "Quelqu’un",
        ai: "IA",
        cut: "La réponse s’était interrompue ici.",
    },
    Words {
        language: "es",
        untitled: "Un chat compartido",
        made_by_ai: "Un chat con una IA, compartido por alguien. Las respuestas son de una IA y pueden ser erróneas.",
        earlier: "El chat empezó antes.",
        go_on: "Seguir con este chat",
        visitor: "Alguien",
        ai: "IA",
        cut: "Aquí se interrumpió la respuesta.",
    },
    Words {
        language: "pt",
        untitled: "Uma conversa partilhada",
        made_by_ai: "Uma conversa com uma IA, partilhada por alguém. As respostas são de uma IA e podem estar erradas.",
        earlier: "A conversa começou antes.",
        go_on: "Continuar esta conversa",
        visitor: "Alguém",
        ai: "IA",
        cut: "A resposta interrompeu-se aqui.",
    },
    Words {
        language: "ja",
        untitled: "共有されたチャット",
        made_by_ai: "だれかが共有した AI とのチャットです。回答は AI によるもので、誤りがあるかもしれません。",
        earlier: "このチャットには前の部分があります。",
        go_on: "このチャットを続ける",
        visitor: "質問した人",
        ai: "AI",
        cut: "回答はここで途切れました。",
    },
    Words {
        language: "zh",
        untitled: "分享的对话",
        made_by_ai: "有人分享的与 AI 的对话。回答由 AI 生成,可能有误。",
        earlier: "此对话前面还有内容。",
        go_on: "继续这个对话",
        visitor: "提问者",
        ai: "AI",
        cut: "回答在此处中断。",
    },
    Words {
        language: "ar",
        untitled: "محادثة مشتركة",
        made_by_ai: "محادثة مع ذكاء اصطناعي شاركها أحدهم. الإجابات من ذكاء اصطناعي وقد تكون خاطئة.",
        earlier: "بدأت المحادثة قبل ذلك.",
        go_on: "متابعة هذه المحادثة",
        visitor: "السائل",
        ai: "الذكاء الاصطناعي",
        cut: "انقطعت الإجابة هنا.",
    },
];

impl Words {
    /// Those that are wanted most of those that there are. `accepted` is the header `Accept-Language` (RFC 9110, 12.5.4).
    pub(super) fn wanted(accepted: Option<&HeaderValue>) -> &'static Self {
        let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut best = (0, &ALL[0]);
        for part in accepted.split(',') {
            let mut parameters = part.split(';').map(str::trim);
            let primary = parameters.next().unwrap_or_default().split('-').next().unwrap_or_default();
            let Some(words) = ALL.iter().find(|words| words.language.eq_ignore_ascii_case(primary)) else { continue };
            let weight = parameters.find_map(|one| one.strip_prefix("q=")).map_or(1_000, thousandths);
            if weight > best.0 {
                best = (weight, words);
            }
        }
        best.1
    }

    /// Which way its lines run.
    pub(super) fn direction(&self) -> &'static str {
        if self.language == "ar" { "rtl" } else { "ltr" }
    }
}

/// A weight of three digits at most behind the point; 0 for what is none.
fn thousandths(weight: &str) -> u32 {
    let (whole, part) = weight.split_once('.').unwrap_or((weight, ""));
    match (whole, part.len(), format!("{part:0<3}").parse()) {
        ("1", ..) => 1_000,
        ("0", 0..=3, Ok(part)) => part,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_is_wanted_most() {
        for (accepted, language) in [
            ("", "en"),
            ("de", "de"),
            ("de-AT,de;q=0.9,en;q=0.8", "de"),
            ("nl, fr;q=0.5, es;q=0.7", "es"),
            ("en;q=0.1,ar-EG;q=0.2", "ar"),
            ("ZH-hant", "zh"),
            ("ja;q=0", "en"),
            ("pt;q=x, *", "en"),
            ("d,;;,,-", "en"),
        ] {
            let header = HeaderValue::from_static(accepted);
            assert_eq!(Words::wanted(Some(&header)).language, language, "{accepted}");
        }
        assert_eq!(Words::wanted(None).language, "en");
    }
}
