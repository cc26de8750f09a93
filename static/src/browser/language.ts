/** The language of the page's words, as `public/theme.js` has found it before the first paint. */
export const language = document.documentElement.lang.slice(0, 2) || "en";

/** What numbers and dates are written by: the visitor's own way of that language. Who reads English for want of theirs keeps their own. */
export const locale =
  navigator.languages.find((tag) => tag.startsWith(language)) ?? (language === "en" ? undefined : language);
