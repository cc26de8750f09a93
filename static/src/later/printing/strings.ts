/** The words about what was not printed. */
import { told } from "../../text/words.ts";

export const words = told("printing", {
  notPrinted: "Earlier messages of this chat were not printed.",
  printAll: "Print all",
});
