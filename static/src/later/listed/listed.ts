/** Keeps the first page of the list for the next visit, as it stands on screen. What is somebody else's, or of an older form, goes. */
import { effect } from "@preact/signals";
import { SESSIONS_PER_PAGE, lister } from "../../api/sessions.ts";
import { LIST } from "../../state/keptList.ts";
import { firstPage, sessions } from "../../state/sessions.ts";
import { load, store } from "../../state/storage.ts";

/** More is not kept, in UTF-16 code units. The longest titles take some 25,000. */
const MOST = 32_000;

effect(() => {
  const rows = sessions.value.slice(0, SESSIONS_PER_PAGE);
  const said = firstPage();
  // What has changed here since has no tag, for the server may never have heard of it, and would call the page of before the same; nor is its end known.
  const isAsSaid = JSON.stringify(rows) === JSON.stringify(said?.sessions);
  const text = JSON.stringify({ ...said, sessions: rows, ...(isAsSaid ? {} : { tag: null, total_pages: null }) });
  // A tab that has renewed its token keeps nothing after another one has signed out.
  store(LIST, load("token") && said?.of === lister() && rows.length > 0 && text.length <= MOST ? text : null);
});
