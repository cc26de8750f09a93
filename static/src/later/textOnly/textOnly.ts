/**
 * What comes into a field is text that can be shown. Files that nobody takes (`later/attachments` does, where there is a message to attach them
 * to) cannot be sent: a notice says so when one is pasted or dropped; else nothing would happen, or the browser would leave the page for it, as
 * for a link. Heaps of marks on one letter lose all but a few before the browser sets them.
 *
 * It is loaded as soon as the page is there: nobody has anything to drop before.
 */
import { notify } from "../../state/notices.ts";
import { withFewMarks } from "../../text/marks.ts";
import { words } from "./strings.ts";

const hasFiles = (data: DataTransfer | null) => data?.types.includes("Files") ?? false;

addEventListener("paste", ({ clipboardData, defaultPrevented }) => {
  if (defaultPrevented) return;
  // A picture of copied cells comes along with their text, which is what is wanted.
  if (hasFiles(clipboardData) && !clipboardData?.types.includes("text/plain")) refuse();
});
for (const name of ["dragover", "drop"] as const)
  addEventListener(name, (event) => {
    if (event.defaultPrevented) return;
    const { dataTransfer, target } = event;
    const isFile = hasFiles(dataTransfer);
    // Words and addresses go into a field. Beside it the browser would leave the page for an address.
    if (!isFile && target instanceof Element && target.matches("textarea, input")) return;
    event.preventDefault();
    if (isFile && name === "drop") refuse();
    else if (dataTransfer) dataTransfer.dropEffect = isFile ? "copy" : "none";
  });

addEventListener("beforeinput", (event) => {
  const { target: field } = event;
  const text = event.data ?? event.dataTransfer?.getData("text/plain") ?? "";
  const few = withFewMarks(text);
  if (few === text || !(field instanceof HTMLTextAreaElement || field instanceof HTMLInputElement)) return;
  event.preventDefault();
  field.setRangeText(few, field.selectionStart ?? 0, field.selectionEnd ?? 0, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
});

function refuse(): void {
  notify({ kind: "problem", text: words.noFiles });
}
