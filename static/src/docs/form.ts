/**
 * The form of one operation: its fields, what it would be by `curl`, and the answer, a stream as it arrives.
 *
 * What comes from elsewhere is put in as text. A request goes to the page's own origin and without cookies: it does what its token may do, and
 * nothing in the name of who is signed in on the chat's page.
 */
import { type Contract, type Filled, type Operation, addressOf, curlOf, exampleOf } from "./request.ts";

/** The chat's page keeps the visitor's token there (`api/token.ts`). */
const KEPT_TOKEN = "edgewise.token";
/** Characters of an answer that are shown: more would make the page slow. */
const SHOWN = 200_000;
/** Heads of an answer that tell something of the API. */
const TELLING = /^(?:x-|ratelimit|content-type|etag|location|retry-after|server-timing)/;

let token = "";
/** Each form shows the one token. */
const forms = new Set<() => void>();
let fields = 0;

function setToken(value: string): void {
  token = value.trim();
  for (const show of forms) show();
}

/** An element with its properties, and with children, of which texts stay texts. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Partial<HTMLElementTagNameMap[Tag]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function ask(address: string, request: RequestInit): Promise<Response> {
  // A redirect could lead elsewhere.
  return fetch(address, { ...request, credentials: "omit", redirect: "error", cache: "no-store" });
}

/** What an answer is in few words: 429 rate_limited. */
function outcome({ status, statusText }: Response, text: string): string {
  const [, code = statusText] = /"code":\s*"(\w+)"/.exec(status < 400 ? "" : text) ?? [];
  return `${status} ${code}`.trim();
}

/** Text below a field's name, and the field in a label of that name. */
function field(name: string, words: string, input: HTMLInputElement | HTMLTextAreaElement): HTMLElement[] {
  input.autocomplete = "off";
  input.spellcheck = false;
  const note = make("small", { id: `about-${fields++}`, textContent: words });
  input.setAttribute("aria-describedby", note.id);
  return [make("label", {}, name, input), note];
}

const button = (textContent: string, onclick: () => unknown) =>
  make("button", { type: "button", textContent, onclick: () => void onclick() });

/** A part of the answer that may be long: the keyboard scrolls it, too. */
function part(name: string): HTMLPreElement {
  return make("pre", { tabIndex: 0, role: "group", ariaLabel: name, hidden: true });
}

export function formOf(method: string, path: string, operation: Operation, contract: Contract): HTMLFormElement {
  const form = make("form");
  const told = make("output");
  const heads = part("Heads of the answer");
  const body = part("Body of the answer");
  const curl = part("The same by curl");
  let running: AbortController | null = null;

  const takesToken = !operation.security || operation.security.some((one) => "token" in one);
  const isOpen = operation.security?.some((one) => !("token" in one)) ?? false;
  const tokenField = make("input", { oninput: () => setToken(tokenField.value) });
  if (takesToken) {
    const kept = readKept();
    form.append(
      ...field("Token", isOpen ? "Not needed." : "In a header, as Authorization: Bearer …", tokenField),
      button("Make a guest’s token", () => mint()),
      ...(kept === null ? [] : [button("Take the chat’s token", () => setToken(kept))]),
    );
  }

  const inputs = (operation.parameters ?? []).map((parameter) => {
    const { name, in: place, required = false, description = "" } = parameter;
    const input = make("input", { required });
    form.append(...field(`${name} (${place})`, description, input));
    return (): Filled => ({ name, in: place, value: input.value });
  });
  const [type, media] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  const text = make("textarea");
  if (media) {
    text.value = JSON.stringify(exampleOf(media.schema, contract.components.schemas), null, 2);
    text.rows = text.value.split("\n").length + 1;
    form.append(...field("Body", type ?? "", text));
  }

  const stop = button("Stop", () => running?.abort());
  const setRunning = (now: AbortController | null) => {
    running = now;
    // Not disabled: a button that is loses the focus.
    stop.ariaDisabled = String(!now);
  };
  setRunning(null);
  form.append(
    make("p", {}, make("button", { textContent: "Send" }), stop),
    told,
    heads,
    body,
    curl,
    button("Copy the curl command", copy),
  );

  /** What would be sent now. */
  function filled() {
    const values = inputs.map((read) => read());
    const headers = values
      .filter(({ in: place, value }) => place === "header" && value !== "")
      .map(({ name, value }): [string, string] => [name, value]);
    if (text.value !== "" && type) headers.push(["Content-Type", type]);
    return { address: addressOf(path, values), headers, body: text.value };
  }

  function show(): void {
    tokenField.value = token;
    const { address, headers, body } = filled();
    const hasToken = takesToken && (token !== "" || !isOpen);
    curl.textContent = curlOf(method, location.origin + address, hasToken, headers, body);
    curl.hidden = false;
  }
  forms.add(show);
  form.addEventListener("input", show);
  show();

  async function copy(): Promise<void> {
    const isCopied = await navigator.clipboard.writeText(curl.textContent).then(
      () => true,
      () => false,
    );
    told.textContent = isCopied ? "Copied. It takes the token from TOKEN." : "The browser does not allow to copy.";
  }

  /** Does one thing at a time, which can be stopped; how it went is told. */
  async function attempt(words: string, work: (signal: AbortSignal) => Promise<string>): Promise<void> {
    if (running) return;
    const halt = new AbortController();
    setRunning(halt);
    told.textContent = words;
    told.textContent = await work(halt.signal).catch((thrown: unknown) =>
      halt.signal.aborted ? "Stopped." : String(thrown),
    );
    setRunning(null);
  }

  const mint = () =>
    attempt("A token is asked for …", async (signal) => {
      const headers = { "Content-Type": "application/json" };
      const response = await ask("/api/v1/auth/guest", { method: "POST", headers, body: "{}", signal });
      const answer = await response.text();
      if (response.ok) {
        setToken((JSON.parse(answer) as { token: string }).token);
        return "The token of a new guest is here.";
      }
      const isProof = answer.includes('"challenge_required"');
      return outcome(response, answer) + (isProof ? ": open the chat, which does the work, and take its token." : "");
    });

  const send = () =>
    attempt("Sent …", async (signal) => {
      const { address, headers, body: sent } = filled();
      if (method === "DELETE" && !confirm(`${method} ${address}?`)) return "Not sent.";
      heads.hidden = body.hidden = true;
      body.textContent = "";
      const begun = performance.now();
      const all = new Headers(headers);
      if (takesToken && token !== "") all.set("Authorization", `Bearer ${token}`);
      const response = await ask(address, { method, headers: all, body: sent === "" ? null : sent, signal });
      told.textContent = `${response.status} …`;
      heads.textContent = [...response.headers]
        .filter(([name]) => TELLING.test(name))
        .map((head) => head.join(": "))
        .join("\n");
      heads.hidden = false;
      const whole = await read(response, body);
      return `${outcome(response, whole)}, ${Math.round(performance.now() - begun)} ms`;
    });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  return form;
}

/** Shows an answer's body as it arrives, and JSON by lines in the end; what was shown. */
async function read(response: Response, body: HTMLElement): Promise<string> {
  let text = "";
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    const more = next.value.slice(0, SHOWN - text.length);
    text += more;
    const isAtEnd = body.scrollTop + body.clientHeight >= body.scrollHeight - 8;
    body.append(more);
    body.hidden = false;
    if (isAtEnd) body.scrollTop = body.scrollHeight;
    if (text.length < SHOWN) continue;
    body.append("\n… and more, which is not shown");
    await reader?.cancel();
  }
  if (response.headers.get("content-type")?.startsWith("application/json") && text !== "" && text.length < SHOWN) {
    body.textContent = JSON.stringify(JSON.parse(text), null, 2);
    body.scrollTop = 0;
  }
  return text;
}

function readKept(): string | null {
  try {
    return localStorage.getItem(KEPT_TOKEN);
  } catch {
    return null;
  }
}
