/** The words of the way to the search. */
import { told } from "../../../text/words.ts";

export const words = told("search/entry", {
  search: "Search chats",
  notLoaded: "The search could not be loaded.",
});
