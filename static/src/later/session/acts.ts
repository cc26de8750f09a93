/** What the row of a session turns into where something is done with it, all of them where several are selected, and what can be done with an answer, with the chat on screen, or instead of typing. */
import "./acts.css";

export { Bars } from "./Bars.tsx";
export { Beside } from "./Beside.tsx";
export { Choice } from "./Choice.tsx";
export { Confirmation } from "./Confirmation.tsx";
export { Extras } from "./Extras.tsx";
export { focusNotice } from "./focusNotice.ts";
export { removeAll } from "./removeAll.ts";
export { RowMenu } from "./RowMenu.tsx";
export { isSelecting } from "./selection.ts";
export { TitleEditor } from "./TitleEditor.tsx";
