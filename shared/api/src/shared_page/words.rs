//! What the page behind a link says, in the languages of the chat page (`static/src/words`). It is written here, because it is to be readable without a script.

use std::sync::LazyLock;

use http::HeaderValue;

/// The operator's own words in place of these, which `cargo xtask` tells: a line each, of language, name and words with tabs between.
const OWN: &str = match option_env!("EDGEWISE_BRAND_WORDS") {
    Some(own) => own,
    None => "",
};

/// The page's words in one language. The build knows their names, too (`static/scripts/brand/plugin.ts`).
#[derive(Debug)]
pub(crate) struct Words {
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
    /// The link has ended, or was none.
    pub nothing: &'static str,
    /// Too much was read from the reader's address.
    pub too_often: &'static str,
    /// A fault that passes.
    pub not_now: &'static str,
}

/// English is what whoever asks for nothing that is here reads.
const ALL: [Words; 8] = [
    Words {
        language: "en",
        untitled: "A shared chat",
        made_by_ai: "A chat with an AI, shared by a visitor. Its answers were made by AI and may be wrong.",
        earlier: "The chat began earlier.",
        go_on: "Go on with this chat",
        visitor: "Visitor",
        ai: "AI",
        cut: "The answer had broken off here.",
        nothing: "This link shows nothing. It may have ended, or its owner has revoked it.",
        too_often: "Too many pages were asked for from here. Try again in a minute.",
        not_now: "This cannot be shown at the moment. Try again in a minute.",
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
        nothing: "Dieser Link zeigt nichts. Vielleicht ist er abgelaufen, oder er wurde zurückgezogen.",
        too_often: "Von hier wurden zu viele Seiten aufgerufen. Versuch es in einer Minute noch einmal.",
        not_now: "Das lässt sich gerade nicht zeigen. Versuch es in einer Minute noch einmal.",
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
        nothing: "Ce lien ne montre rien. Il a peut-être expiré, ou il a été révoqué.",
        too_often: "Trop de pages ont été demandées d’ici. Réessayez dans une minute.",
        not_now: "Ceci ne peut pas être affiché pour le moment. Réessayez dans une minute.",
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
        nothing: "Este enlace no muestra nada. Puede haber caducado o haber sido revocado.",
        too_often: "Se han pedido demasiadas páginas desde aquí. Inténtalo de nuevo en un minuto.",
        not_now: "Esto no se puede mostrar en este momento. Inténtalo de nuevo en un minuto.",
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
        nothing: "Este link não mostra nada. Pode ter expirado ou ter sido revogado.",
        too_often: "Foram pedidas páginas demais a partir daqui. Tente de novo em um minuto.",
        not_now: "Isto não pode ser mostrado no momento. Tente de novo em um minuto.",
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
        nothing: "このリンクには何もありません。期限が切れたか、取り消された可能性があります。",
        too_often: "ここからのアクセスが多すぎます。1 分後にもう一度お試しください。",
        not_now: "現在表示できません。1 分後にもう一度お試しください。",
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
        nothing: "此链接没有可显示的内容。它可能已过期，或已被撤销。",
        too_often: "来自此处的访问过多。请一分钟后再试。",
        not_now: "暂时无法显示。请一分钟后再试。",
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
        nothing: "لا يعرض هذا الرابط شيئًا. ربما انتهت مدته أو أُلغي.",
        too_often: "طُلبت صفحات كثيرة من هنا. حاول مجددًا بعد دقيقة.",
        not_now: "لا يمكن عرض هذا الآن. حاول مجددًا بعد دقيقة.",
    },
];

/// With the operator's own among them.
static SAID: LazyLock<[Words; 8]> = LazyLock::new(|| ALL.map(|words| words.replaced(OWN)));

impl Words {
    #[cfg(test)]
    pub(super) fn all() -> &'static [Self] {
        SAID.as_slice()
    }

    /// With what `own` says for its language in place of its own.
    fn replaced(mut self, own: &'static str) -> Self {
        for line in own.lines() {
            let mut parts = line.splitn(3, '\t');
            let (Some(language), Some(name), Some(words)) = (parts.next(), parts.next(), parts.next()) else {
                continue;
            };
            if language != self.language {
                continue;
            }
            let place = match name {
                "untitled" => &mut self.untitled,
                "made_by_ai" => &mut self.made_by_ai,
                "earlier" => &mut self.earlier,
                "go_on" => &mut self.go_on,
                "visitor" => &mut self.visitor,
                "ai" => &mut self.ai,
                "cut" => &mut self.cut,
                "nothing" => &mut self.nothing,
                "too_often" => &mut self.too_often,
                "not_now" => &mut self.not_now,
                _ => continue,
            };
            *place = words;
        }
        self
    }

    /// Those that are wanted most of those that there are. `accepted` is the header `Accept-Language` (RFC 9110, 12.5.4).
    pub(crate) fn wanted(accepted: Option<&HeaderValue>) -> &'static Self {
        let accepted = accepted.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let [english, ..] = &*SAID;
        let mut best = (0, english);
        for part in accepted.split(',') {
            let mut parameters = part.split(';').map(str::trim);
            let primary = parameters.next().unwrap_or_default().split('-').next().unwrap_or_default();
            let Some(words) = SAID.iter().find(|words| words.language.eq_ignore_ascii_case(primary)) else { continue };
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

    #[test]
    fn an_operators_words_stand_in_place_of_these_in_their_language() {
        let own = "de\tgo_on\tWeiter\tso\nfr\tcut\tLà\nde\tlanguage\txx\nde";
        let [english, german, french, ..] = ALL.map(|words| words.replaced(own));
        assert_eq!((german.go_on, german.cut, german.language), ("Weiter\tso", ALL[1].cut, "de"));
        assert_eq!((french.cut, french.go_on, english.go_on), ("Là", ALL[2].go_on, ALL[0].go_on));
    }
}
