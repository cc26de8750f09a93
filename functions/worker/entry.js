// The Worker's script. Its routes are in two modules of Wasm, because an isolate that is woken by a message should not load what only
// accounts need: the second one is made with the first request that is an account's.
import Chat from "./build/index.js";

/** Addresses that are an account's or its operator's, as spin.toml routes them to `accounts` and `passkeys`. The suite `contract` asks each route for what it does not do: a wrong module would say 404. */
const OF_ACCOUNTS = /^\w+:\/\/[^/]+\/api\/v1\/(?:auth\/(?!(?:guest|handover)(?:[/?]|$))|(?:me|admin)(?:[/?]|$))/;

export default {
  fetch(request, env, context) {
    if (!OF_ACCOUNTS.test(request.url)) return new Chat(context, env).fetch(request);
    return import("../worker-accounts/build/index.js").then(({ default: Accounts }) => new Accounts(context, env).fetch(request));
  },
  /** Maintenance, when wrangler.toml's `[triggers]` says so. */
  scheduled(event, env, context) {
    return import("../worker-accounts/build/index.js").then(({ default: Accounts }) => new Accounts(context, env).scheduled(event));
  },
};
