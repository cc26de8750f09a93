/** Whether links can be sent by mail here. Only this dialog wants to know. */
import { signal } from "@preact/signals";
import { readConfig } from "../../../api/config.ts";

export const hasMail = signal(false);

/** Asks the server; the browser has the answer already, most of the time. */
export function learnOfMail(): void {
  readConfig().then(
    ({ features }) => (hasMail.value = features?.mail ?? false),
    () => undefined,
  );
}
