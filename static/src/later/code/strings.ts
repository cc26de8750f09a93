/** The words of what is added to a block of an answer once it is whole. */
import { told } from "../../text/words.ts";

export const words = told("code", {
  /** Names of what scrolls by itself. */
  table: "Table",
  code: "Code",
  formula: "Formula",
  copyCode: "Copy",
  /** Follows `copyCode` for a screen reader, which meets the button without the block around it. */
  ofCode: " code",
  codeIsCopied: "Copied",
});
