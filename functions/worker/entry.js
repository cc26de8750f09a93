// The Worker's script. Its routes are in two modules of Wasm, because an isolate that is woken by a message should not load what only
// accounts and links need: the second one is made with the first request that is one's.
import Chat from "./build/index.js";

/** Addresses that are an account's, a link's, an import's, other sites' or the operator's, and what is told of how the page does: spin.toml routes them to `accounts`, `passkeys` and `share`, and `/embed` to `meta`; and what is said of answers and of oneself. The suite `contract` asks each route for what it does not do: a wrong module would say 404. */
const OF_ACCOUNTS =
  /^\w+:\/\/[^/]+\/(?:s\/|(?:embed|metrics|status)(?:[/?]|$)|api\/v1\/(?:auth\/(?!(?:guest|handover)(?:[/?]|$))|(?:me|admin|shares|status|chat\/(?:shares|import|context)|chat\/sessions\/[^/?]+\/(?:shares|messages\/[^/?]+\/feedback))(?:[/?]|$)))/;

/** A WebSocket's address, without a query: with one the core refuses it. */
const SOCKET = "/api/v1/chat/ws";

// What Wasm asks of the runtime oftenest, at a fraction of its price (docs/performance.md). Both do what they did: an error of a task is told to the
// isolate, from which the modules learn of a panic; and what is aborted without a reason has one, which is not made anew with a stack each time.
const ready = Promise.resolve();
globalThis.queueMicrotask = (task) => {
  ready.then(() => {
    try {
      task();
    } catch (error) {
      reportError(error);
    }
  });
};
const abort = AbortController.prototype.abort;
const aborted = new DOMException("The operation was aborted", "AbortError");
AbortController.prototype.abort = function (reason = aborted) {
  abort.call(this, reason);
};

export default {
  fetch(request, env, context) {
    if (request.url.endsWith(SOCKET)) {
      return import("./socket.js").then(({ open }) => open(request, (asked) => new Chat(context, env).fetch(asked)));
    }
    if (!OF_ACCOUNTS.test(request.url)) return new Chat(context, env).fetch(request);
    return import("../worker-accounts/build/index.js").then(({ default: Accounts }) => new Accounts(context, env).fetch(request));
  },
  /** Maintenance, when wrangler.toml's `[triggers]` says so. */
  scheduled(event, env, context) {
    return import("../worker-accounts/build/index.js").then(({ default: Accounts }) => new Accounts(context, env).scheduled(event));
  },
};
