/** What is said where something else than text was meant to be sent. */
import { told } from "../../text/words.ts";

export const words = told("textOnly", {
  noFiles: "Only text can be sent here, no pictures or files.",
});
