//! What the demo model says: a few answers worth looking at, chosen by what the visitor wrote.

/// An answer and the words that call for it. The first with a word that occurs wins.
const ANSWERS: [(&[&str], &str); 6] = [
    (
        &["code", "function", "program", "rust", "python", "javascript", "sql", "bug", "script"],
        include_str!("answers/code.md"),
    ),
    (&["table", "compare", "difference", "versus", " vs", "pros and cons"], include_str!("answers/comparison.md")),
    (
        &["math", "equation", "formula", "integral", "proof", "probability", "theorem"],
        include_str!("answers/mathematics.md"),
    ),
    (&["plan", "todo", "to-do", "task", "checklist", "steps", "how do i", "schedule"], include_str!("answers/plan.md")),
    (
        &["what is this", "edgewise", "how does this", "who are you", "real model", "demo"],
        include_str!("answers/about.md"),
    ),
    (&["story", "poem", "write", "haiku", "essay"], include_str!("answers/story.md")),
];
const GREETINGS: [&str; 10] =
    ["hi", "hello", "hey", "hallo", "hola", "bonjour", "ciao", "good morning", "good evening", "thanks"];
const GREETING: &str = "Hello! 👋 I am the **demo model** that comes with Edgewise, so my answers are canned, but they stream like real ones. \
                        Ask me for some *code*, a *table*, a *plan* or a bit of *mathematics*.\n";
const GENERAL: &str = include_str!("answers/general.md");

/// The answer to a message.
pub fn answer(message: &str) -> &'static str {
    let message = message.to_lowercase();
    let bare = message.trim().trim_end_matches(['!', '.', '?', ',']);
    if GREETINGS
        .iter()
        .any(|greeting| bare == *greeting || (bare.len() < 30 && bare.starts_with(&format!("{greeting} "))))
    {
        return GREETING;
    }
    ANSWERS.iter().find(|(words, _)| words.iter().any(|word| message.contains(word))).map_or(GENERAL, |(_, text)| text)
}

/// Cuts an answer into pieces as the real one streams it: one to four tokens at a time, which are words or parts of them.
pub fn pieces(text: &str) -> Vec<(String, u64)> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut tokens = 0;
    let mut wanted = 1;
    for word in text.split_inclusive([' ', '\n']) {
        piece.push_str(word);
        // A word of up to six letters is a token, more or less.
        tokens += (word.len() as u64).div_ceil(6);
        if tokens >= wanted {
            pieces.push((std::mem::take(&mut piece), tokens));
            tokens = 0;
            wanted = wanted % 4 + 1;
        }
    }
    if !piece.is_empty() {
        pieces.push((piece, tokens));
    }
    pieces
}
