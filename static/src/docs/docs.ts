/**
 * The script of the API's readable page (`/api/v1/docs`, `/docs.js`): operations of that page get a form to try them. The contract is asked for
 * with the first form that is opened.
 */
import { formOf, make } from "./form.ts";
import { type Contract, hasForm } from "./request.ts";

let loading: Promise<Contract> | null = null;

async function load(): Promise<Contract> {
  const response = await fetch("/api/v1/openapi.json");
  return (await response.json()) as Contract;
}

for (const code of document.querySelectorAll("h2 > code")) {
  const name = code.textContent;
  if (!hasForm(name)) continue;
  const details = make("details", {}, make("summary", { textContent: "Try it", ariaLabel: `Try it: ${name}` }));
  const words = make("p");
  details.addEventListener("toggle", () => {
    if (!details.open || words.isConnected) return;
    words.textContent = "One moment …";
    details.append(words);
    loading ??= load();
    loading
      .then((contract) => {
        const [method = "", path = ""] = name.split(" ");
        const operation = contract.paths[path]?.[method.toLowerCase()];
        if (operation) words.replaceWith(formOf(method, path, operation, contract));
      })
      .catch(() => {
        loading = null;
        words.textContent = "The contract could not be loaded. Close this and open it again.";
      });
  });
  // Below the operation's words.
  code.parentElement?.nextElementSibling?.after(details);
}
