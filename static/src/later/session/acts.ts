/** What the row of a session turns into where something is done with it, and all of them where several are selected. */
import "./acts.css";
export { Choice } from "./Choice.tsx";
export { Confirmation } from "./Confirmation.tsx";
export { RowMenu } from "./RowMenu.tsx";
export { SelectionBar } from "./SelectionBar.tsx";
export { isSelecting } from "./selection.ts";
export { TitleEditor } from "./TitleEditor.tsx";
