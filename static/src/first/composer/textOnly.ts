/** Files cannot be sent: a notice says so when one is pasted or dropped. Else nothing would happen, or the browser would leave the page for it. */
import { notify } from "../../state/notices.ts";
import { strings } from "../strings.ts";

const hasFiles = (data: DataTransfer | null) => data?.types.includes("Files") ?? false;

addEventListener("paste", ({ clipboardData }) => {
  // A picture of copied cells comes along with their text, which is what is wanted.
  if (hasFiles(clipboardData) && !clipboardData?.types.includes("text/plain")) refuse();
});
for (const name of ["dragover", "drop"] as const)
  addEventListener(name, (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    if (name === "drop") refuse();
    else if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
  });

function refuse(): void {
  notify({ kind: "problem", text: strings.noFiles });
}
