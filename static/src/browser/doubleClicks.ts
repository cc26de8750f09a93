/**
 * The rest of a double click belongs to what its first click hit. What has come into its place meanwhile (Send where Stop was, the next
 * notice where one was dismissed) was not meant. What is written between two clicks makes two of them: the second sends the words.
 */
let hit: Element | null | undefined;

addEventListener("input", () => (hit = undefined), true);

addEventListener(
  "click",
  (event) => {
    const target = event.target instanceof Element ? event.target.closest("button, a, input, label") : null;
    // Keys and scripts click with 0.
    if (event.detail < 2 || hit === undefined) {
      hit = target;
    } else if (target !== null && target !== hit) {
      event.preventDefault();
      event.stopPropagation();
    }
  },
  true,
);
