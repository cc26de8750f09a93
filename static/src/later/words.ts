/** The words that only what is loaded on demand says. */
export const words = {
  copy: "Copy",
  /** Follows `copy` for a screen reader, which meets the button without the block around it. */
  code: " code",
  copied: "Copied",
  /** Over what a model thought before it answered. */
  thoughts: "Thoughts",
  /** Names of what scrolls by itself. */
  codeRegion: "Code",
  tableRegion: "Table",
  formulaRegion: "Formula",
  notCopied: "Not copied. The code is selected: copy it with your keyboard.",
};
