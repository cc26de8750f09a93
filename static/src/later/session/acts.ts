/** What the row of a session turns into where something is done with it, and what can be done with an answer. */
export { Confirmation } from "./Confirmation.tsx";
export { ReadAloud } from "./ReadAloud.tsx";
export { RowMenu } from "./RowMenu.tsx";
export { TitleEditor } from "./TitleEditor.tsx";
