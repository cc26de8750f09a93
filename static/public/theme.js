// Sets the theme the visitor chose before anything is painted. Storage may be forbidden: then the system decides.
try {
  const theme = localStorage.getItem("edgewise.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {}
