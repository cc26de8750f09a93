/** Keeps the page within what an on-screen keyboard leaves of the screen where the browser does not shrink the page by itself (Safari). */
const seen = window.visualViewport;

seen?.addEventListener("resize", () => {
  // Zoomed in, the part that is seen is small without anything in the way.
  const isCovered = seen.scale === 1 && seen.height < innerHeight;
  document.documentElement.style.setProperty("--seen-height", isCovered ? `${seen.height}px` : "100dvh");
  // It was scrolled to bring the field above the keyboard, where it now is anyway.
  if (isCovered) scrollTo(0, 0);
});
