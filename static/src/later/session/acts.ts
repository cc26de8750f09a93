/** What the row of a session turns into where something is done with it. */
export { Confirmation } from "./Confirmation.tsx";
export { RowMenu } from "./RowMenu.tsx";
export { TitleEditor } from "./TitleEditor.tsx";
