// What the first paint depends on, and what the page's own script cannot say: that it did not come.
//
// Sets the theme the visitor chose, and folds the list of chats away if they did, before anything is painted. Storage may be forbidden: then
// the system decides.
try {
  const theme = localStorage.getItem("edgewise.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  if (localStorage.getItem("edgewise.folded") !== null) document.documentElement.dataset.folded = "";
} catch {}

// index.html greets who opens a new chat; another address is that of one which is still to be read.
if (location.pathname !== "/") document.documentElement.dataset.chat = "";
addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLScriptElement) document.documentElement.dataset.failed = "";
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
  setTimeout(() => sheet.replaceWith(next), tries * 500);
}
