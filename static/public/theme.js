// What the first paint depends on, and what the page's own script cannot say: that it did not come.
//
// Shows the theme the visitor chose, and folds the list of chats away if they did, before anything is painted. Storage may be forbidden: then
// the system decides. The settings (`src/later/settings/theme.ts`) tell when another theme is chosen.
const root = document.documentElement.dataset;
// The browser's own bars, by what index.html says for light and for dark.
const bars = [...document.querySelectorAll("meta[name=theme-color]")];
const colours = bars.map((bar) => bar.content);
function paint(theme) {
  const chosen = ["light", "dark"].indexOf(theme);
  if (chosen < 0) delete root.theme;
  else root.theme = theme;
  bars.forEach((bar, at) => (bar.content = colours[chosen < 0 ? at : chosen]));
}
addEventListener("theme", ({ detail }) => paint(detail));
try {
  paint(localStorage.getItem("edgewise.theme"));
  if (localStorage.getItem("edgewise.folded") !== null) root.folded = "";
} catch {}

// The language of the page's words: the one that was chosen, or else the first of the browser's that there is (src/words/speak.ts). The page
// behind a link is written by the server, in the language that the browser asks it for.
const known = "ar de en es fr ja pt zh";
let asked = navigator.languages;
try {
  asked = [localStorage.getItem("edgewise.language"), ...asked];
} catch {}
if (!location.pathname.startsWith("/s/")) {
  const language = asked.map((tag) => (tag ?? "--").slice(0, 2)).find((tag) => known.includes(tag)) ?? "en";
  document.documentElement.lang = language;
  if (language === "ar") document.documentElement.dir = "rtl";
  // index.html is in English: it shows no words to who reads another language.
  if (language !== "en") root.chat = "";
}

// index.html greets who opens a new chat; another address is that of one which is still to be read.
if (location.pathname !== "/") root.chat = "";
addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLScriptElement) root.failed = "";
    // Those that come later are the script's own business.
    if (target instanceof HTMLLinkElement && target.href.includes("/assets/index-")) askAgain(target);
  },
  true,
);

// Without its style sheet the page could hardly be used. If it does not come in the end, `main.tsx` says so.
let tries = 0;
function askAgain(sheet) {
  if (tries++ === 2) return dispatchEvent(new Event("unstyled"));
  const next = sheet.cloneNode();
  next.href = `${sheet.href.split("?")[0]}?again=${tries}`;
  // The one that failed stays: the build's own loader would ask for a sheet that is named nowhere once more, and put it after all others.
  setTimeout(() => sheet.after(next), tries * 500);
}
