// What the first paint depends on, and what the page's own script cannot say: that it did not come.
//
// Sets the theme the visitor chose before anything is painted. Storage may be forbidden: then the system decides.
try {
  const theme = localStorage.getItem("edgewise.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {}

// index.html greets who opens a new chat; another address is that of one which is still to be read.
if (location.pathname !== "/") document.documentElement.dataset.chat = "";
addEventListener(
  "error",
  ({ target }) => {
    if (target instanceof HTMLScriptElement) document.documentElement.dataset.failed = "";
  },
  true,
);
