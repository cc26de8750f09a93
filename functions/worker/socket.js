// The chat over a WebSocket (docs/websocket.md): a second mouth of the same API. Each frame of a client is a request to the module that serves all others,
// and what that answers becomes frames, so that nothing is decided here about a message. Loaded with the first socket of an isolate.
//
// The answer's bytes are read as they come and looked at five times a second, so a frame never costs what a chunk does.

/** The longest frame of a client, in bytes of UTF-8. */
const LONGEST = 16 * 1024;
const AUTHENTICATED_WITHIN_MS = 5_000;
const IDLE_MS = 60_000;
/** An answer costs processor time and calls of the stores, which Cloudflare counts for the whole life of a socket: the next one is another's. */
const ANSWERS = 2;
/** Cloudflare's free plan gives 50 calls of the stores to the whole socket: beyond about so many, the next answer might not be stored. */
const CALLS = 20;
/** What a request that comes to nothing takes of them, and what an answer does beside what it appends. */
const CALLS_OF_REFUSED = 3;
const CALLS_OF_ANSWER = 8;
/** A ping costs processor time, which is counted for the whole socket, too. */
const PINGS = 60;
/** So many frames may be refused; then it is no client that could be helped. */
const REFUSALS = 20;
const DELTA_EVERY_MS = 200;
const PROTOCOL = "edgewise.v1";

/** Why a socket is closed (RFC 6455 §7.4.2: 4000 to 4999 are ours). */
const TOO_BIG = [1009, "a frame may have 16 kB"];
const RECONNECT = [4001, "reconnect"];
const NO_FRAME = [4400, "not a frame of edgewise.v1"];
const NOT_IN = [4401, "not authenticated"];

/** What the socket's own request says of its sender goes with each request of its; what is about that one request or its connection does not. */
const OF_THE_REQUEST = /^(?:upgrade|connection|host|content-.*|sec-websocket-.*|transfer-encoding|authorization|last-event-id|idempotency-key|if-.*|x-proof-of-work|x-turnstile-token)$/;

/** Opens a socket, if the core lets it be opened; `ask` has the core answer a request. */
export async function open(request, ask) {
  const allowed = await ask(request);
  // Other methods and other addresses have a 204 of their own.
  if (allowed.status !== 204 || request.method !== "GET" || new URL(request.url).search !== "") return allowed;
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  new Talk(server, request, ask);
  return new Response(null, { status: 101, webSocket: client, headers: { "sec-websocket-protocol": PROTOCOL } });
}

class Talk {
  #socket;
  #ask;
  #base;
  #headers;
  /** What the first frame has shown; null: nobody is in. */
  #token = null;
  /** Until the token is known to be good, or not. */
  #entering;
  #isIn = false;
  /** One frame may wait for that: each is kept whole meanwhile. */
  #hasEarly = false;
  #isAnswering = false;
  #answers = 0;
  /** Of the stores, about. */
  #calls = 1;
  #pings = 0;
  #refusals = 0;
  #waiting;
  #left = new AbortController();

  constructor(socket, request, ask) {
    [this.#socket, this.#ask, this.#base] = [socket, ask, request.url];
    this.#headers = [...request.headers].filter(([name]) => !OF_THE_REQUEST.test(name));
    socket.addEventListener("message", ({ data }) => this.#hear(data));
    socket.addEventListener("close", () => this.#end());
    socket.addEventListener("error", () => this.#end());
    this.#closeAfter(AUTHENTICATED_WITHIN_MS, NOT_IN);
  }

  /** The socket is gone: an answer that is on its way has lost its reader. */
  #end() {
    clearTimeout(this.#waiting);
    this.#left.abort();
  }

  #close([code, reason]) {
    this.#end();
    try {
      this.#socket.close(code, reason);
    } catch {
      // It was closed from the other end.
    }
  }

  #closeAfter(time, why) {
    clearTimeout(this.#waiting);
    if (this.#left.signal.aborted) return;
    this.#waiting = setTimeout(() => this.#close(why), time);
  }

  #send(frame) {
    if (this.#left.signal.aborted) return;
    try {
      this.#socket.send(JSON.stringify(frame));
    } catch {
      // It was closed from the other end, which is told next.
    }
  }

  /** Says what is wrong with a frame, which costs nothing else. */
  #refuse(id, code, message, field) {
    if (++this.#refusals > REFUSALS) return this.#close(NO_FRAME);
    this.#send({ type: "error", ...(id !== undefined && { id }), error: { code, message, ...(field && { field }) } });
  }

  async #hear(data) {
    if (this.#left.signal.aborted) return;
    if (typeof data !== "string") return this.#close(NO_FRAME);
    if (data.length > LONGEST || new TextEncoder().encode(data).length > LONGEST) return this.#close(TOO_BIG);
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return this.#close(NO_FRAME);
    }
    if (typeof frame !== "object" || frame === null || Array.isArray(frame)) return this.#close(NO_FRAME);
    if (this.#token === null && frame.type !== "auth") return this.#close(NOT_IN);
    const id = typeof frame.id === "string" ? frame.id : undefined;
    switch (frame.type) {
      case "auth":
        if (this.#entering) return this.#refuse(id, "invalid_request", "You are in already.", "type");
        this.#entering ??= this.#enter(frame);
        return this.#entering;
      case "ping":
        if (++this.#pings > PINGS) return this.#close(RECONNECT);
        return this.#send({ type: "pong" });
      case "send":
      case "resume":
        break;
      default:
        return this.#refuse(id, "invalid_request", "A frame of this type is not known here.", "type");
    }
    if (!this.#isIn) {
      if (this.#hasEarly) return this.#refuse(id, "generation_in_progress", "An answer is asked for: one at a time.");
      this.#hasEarly = true;
      await this.#entering;
      if (this.#left.signal.aborted) return;
    }
    if (this.#isAnswering) {
      return this.#refuse(id, "generation_in_progress", "An answer is on its way: one at a time.");
    }
    const wish = frame.type === "send" ? sending(frame) : resuming(frame);
    if (wish.field) return this.#refuse(id, "invalid_request", `\`${wish.field}\` is missing or malformed.`, wish.field);
    return this.#answer(wish);
  }

  /** The standing is read as a token's first use: it says whether the token is good. */
  async #enter({ token }) {
    if (typeof token !== "string" || !/^[\x21-\x7e]{1,4096}$/.test(token)) return this.#close(NOT_IN);
    this.#token = token;
    clearTimeout(this.#waiting);
    const answer = await this.#request("GET", "/api/v1/chat/quota", {});
    if (answer?.status !== 200) {
      if (answer) this.#send({ type: "error", ...(await problem(answer)) });
      // Of a token that is good, a client must not think otherwise.
      return this.#close([401, 403, 404].includes(answer?.status) ? NOT_IN : RECONNECT);
    }
    this.#isIn = true;
    this.#send(quota(answer.headers));
    this.#closeAfter(IDLE_MS, RECONNECT);
  }

  /** Has the core answer; null where it cannot, or nobody waits any more. */
  async #request(method, path, { headers = {}, body }) {
    const all = new Headers([...this.#headers, ["authorization", `Bearer ${this.#token}`]]);
    for (const [name, value] of Object.entries(headers)) all.set(name, value);
    if (body !== undefined) all.set("content-type", "application/json");
    const init = { method, headers: all, signal: this.#left.signal, ...(body !== undefined && { body: JSON.stringify(body) }) };
    try {
      return await this.#ask(new Request(new URL(path, this.#base), init));
    } catch {
      return null;
    }
  }

  async #answer({ id, method, path, headers, body, session, chars = 0 }) {
    this.#isAnswering = true;
    clearTimeout(this.#waiting);
    const about = { ...(id !== undefined && { id }) };
    const began = Date.now();
    const answer = await this.#request(method, path, { headers, body });
    if (answer?.status !== 200) {
      const told = answer ? await problem(answer) : { error: { code: "internal", message: "Something went wrong here. Please try again." } };
      this.#send({ type: "error", ...about, ...told });
      this.#isAnswering = false;
      this.#calls += CALLS_OF_REFUSED;
      if (this.#calls > CALLS) return this.#close(RECONNECT);
      return this.#closeAfter(IDLE_MS, RECONNECT);
    }
    const named = (name) => answer.headers.get(name);
    const message = named("x-message-id");
    const place = new Place(named("x-session-id") ?? session, chars);
    const [question, model, insteadOf] = ["x-user-message-id", "x-model", "x-model-instead-of"].map(named);
    const of = { message_id: message };
    this.#send({
      type: "accepted",
      ...about,
      session_id: place.session,
      ...(question && { user_message_id: question }),
      ...of,
      ...(model && { model }),
      ...(insteadOf && { instead_of: insteadOf }),
      replayed: named("idempotent-replayed") === "true",
      cursor: place.cursor,
    });
    if (named("x-ratelimit-limit")) this.#send(quota(answer.headers));
    const end = await this.#relay(answer.body, of, place);
    this.#isAnswering = false;
    if (end) this.#send(end);
    // A running answer appends once a second at most; who follows one looks twice as often.
    this.#calls += CALLS_OF_ANSWER + Math.ceil((Date.now() - began) / (method === "GET" ? 500 : 1_000));
    if (++this.#answers >= ANSWERS || this.#calls > CALLS) return this.#close(RECONNECT);
    this.#closeAfter(IDLE_MS, RECONNECT);
  }

  /** Sends the text of a stream of events as deltas; the last frame of the answer, if there is anybody to be told. */
  async #relay(body, of, place) {
    const stream = new Events();
    let text = "";
    let reason = null;
    let end = null;
    const take = ({ event, data }) => {
      if (event === "error") end = { type: "error", ...of, cursor: place.cursor, ...parsed(data) };
      else if (data === "[DONE]") end ??= { type: "done", ...of };
      else {
        const choice = parsed(data)?.choices?.[0];
        reason = choice?.finish_reason ?? reason;
        if (typeof choice?.delta?.content === "string") text += choice.delta.content;
      }
    };
    /** Hands on what has come; whether that was any text. */
    const flush = (isLast) => {
      stream.whole().forEach(take);
      const whole = place.whole(text, isLast);
      text = text.slice(whole.length);
      if (whole === "") return false;
      place.chars += characters(whole);
      this.#send({ type: "delta", ...of, text: whole.toWellFormed(), cursor: place.cursor });
      return true;
    };
    const reader = body.getReader();
    this.#left.signal.addEventListener("abort", () => reader.cancel().catch(() => undefined), { once: true });
    let timer = null;
    const flushLater = () => {
      timer = null;
      flush(false);
    };
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || this.#left.signal.aborted) break;
        stream.push(value);
        // The first words go out as they come; from then on nothing is looked at but five times a second.
        if (place.hasBegun) timer ??= setTimeout(flushLater, DELTA_EVERY_MS);
        else place.hasBegun = flush(false);
      }
    } catch {
      // It broke off; the client comes back by its cursor.
    }
    clearTimeout(timer);
    flush(true);
    if (end?.type === "error") end.cursor = place.cursor;
    // An answer that was stopped ends with neither.
    end ??= { type: "done", ...of };
    if (end.type === "done") end = { ...end, finish_reason: reason, cursor: place.cursor };
    return end;
  }
}

/** How far a client has come: the session, and the characters of the answer. To a client one word, which it gives back. */
class Place {
  hasBegun = false;

  constructor(session, chars) {
    this.session = session;
    this.chars = chars;
  }

  get cursor() {
    return `${this.session}.${this.chars}`;
  }

  /** What of a text can be sent: the first half of a character waits for the second. */
  whole(text, isLast) {
    return !isLast && /[\ud800-\udbff]$/.test(text) ? text.slice(0, -1) : text;
  }
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The request that a `send` is. The core says what is wrong with the words, and which models there are. */
function sending({ id, session_id: session, content, model, proof, turnstile }) {
  if (typeof id !== "string" || !/^[\x21-\x7e]{1,255}$/.test(id)) return { field: "id" };
  if (session !== undefined && !UUID.test(session)) return { field: "session_id" };
  if (model !== undefined && typeof model !== "string") return { field: "model" };
  const headers = { "idempotency-key": id };
  if (typeof proof === "string") headers["x-proof-of-work"] = proof;
  if (typeof turnstile === "string") headers["x-turnstile-token"] = turnstile;
  if (Object.values(headers).some((value) => !/^[\x20-\x7e]*$/.test(value))) return { field: "proof" };
  const path = session === undefined ? "/api/v1/chat/messages" : `/api/v1/chat/sessions/${session}/messages`;
  return { id, method: "POST", path, headers, body: { content, model } };
}

/** The request that a `resume` is. */
function resuming({ message_id: message, cursor }) {
  if (!UUID.test(message)) return { field: "message_id" };
  const [, session, chars] = /^([\da-f-]{36})\.(\d{1,9})$/i.exec(cursor) ?? [];
  if (!UUID.test(session)) return { field: "cursor" };
  const path = `/api/v1/chat/sessions/${session}/messages/${message}/stream?from=${chars}`;
  return { method: "GET", path, session, chars: Number(chars) };
}

/** A stream of events, as it comes. */
class Events {
  #decoder = new TextDecoder();
  #text = "";

  push(bytes) {
    this.#text += this.#decoder.decode(bytes, { stream: true });
  }

  /** The events that have come since, whole. */
  whole() {
    // The line feed of a last carriage return is yet to come.
    const half = this.#text.endsWith("\r") ? 1 : 0;
    const all = this.#text.slice(0, this.#text.length - half).replace(/\r\n?/g, "\n").split("\n\n");
    this.#text = all.pop() + "\r".repeat(half);
    return all.map(event).filter(({ data }) => data !== null);
  }
}

/** What the lines of an event say; `data` is null where there is none. */
function event(lines) {
  const found = { event: "", data: null };
  for (const line of lines.split("\n")) {
    const words = line.slice(line.indexOf(":") + 1).replace(/^ /, "");
    if (line.startsWith("data:")) found.data = found.data === null ? words : `${found.data}\n${words}`;
    else if (line.startsWith("event:")) found.event = words;
  }
  return found;
}

/** Unicode scalar values, as the core counts them. */
function characters(text) {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/** What a JSON text says; of one that is none, nothing. */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The core's own error. */
async function problem(answer) {
  return parsed(await answer.text()) ?? { error: { code: "internal", message: "Something went wrong here. Please try again." } };
}

/** Where the sender stands, from the head of an answer. */
function quota(headers) {
  const limit = (name) => {
    const [most, remaining, reset] = ["limit", "remaining", "reset"].map((part) => headers.get(`${name}-${part}`));
    return most === null ? null : { limit: Number(most), remaining: Number(remaining), reset: Number(reset) };
  };
  return { type: "quota", minute: limit("x-ratelimit"), day: limit("x-daily-quota") };
}
