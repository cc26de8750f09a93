// Serves the Worker and its assets on workerd, by miniflare: what `wrangler dev` does, without its proxy in front.
//
// Miniflare's own entry hands a request on from worker to worker, and a client's leaving is lost on that way (measured with
// 4.20260730: `request.signal` never fires, a silent upstream stays open). So the front here is plain HTTP: /api/* goes to
// the function's own socket, everything else to the assets. Like Cloudflare's edge it says who the client is.
//
// One line of JSON on standard input says what to serve (secrets never stand on a command line). Standard output gets
// {"ready":"http://…"}, then the functions' log, a line each. It ends on SIGTERM and when standard input ends, which is
// also what happens when the program that started it is killed.
import { createServer, request as open } from "node:http";
import { createInterface } from "node:readline";
import { Log, LogLevel, Miniflare, convertV4MiniflareOptions } from "miniflare";

const input = createInterface({ input: process.stdin });
const { value: line } = await input[Symbol.asyncIterator]().next();
const served = JSON.parse(line);
// As wrangler reads them: what begins with `!` is a file's all the same.
const rules = served.assets.run_worker_first;
const filePaths = rules.filter((rule) => rule.startsWith("!")).map((rule) => rule.slice(1));
const functionRules = rules.filter((rule) => !rule.startsWith("!"));
const isOf = (path) => (rule) => (rule.endsWith("*") ? path.startsWith(rule.slice(0, -1)) : path === rule);

const runtime = new Miniflare(
  convertV4MiniflareOptions({
    rootPath: served.root,
    host: "127.0.0.1",
    port: 0,
    cf: false,
    logRequests: false,
    log: new Log(LogLevel.WARN),
    workers: [
      {
        // As wrangler.toml says: files from the folder, and what is none by the function.
        name: "assets",
        modules: [
          {
            type: "ESModule",
            path: "missing.mjs",
            contents: "export default { fetch: (request, env) => env.FUNCTION.fetch(request) };",
          },
        ],
        modulesRoot: served.root,
        compatibilityDate: served.compatibility_date,
        serviceBindings: { FUNCTION: served.name },
        assets: {
          directory: served.assets.directory,
          routerConfig: { has_user_worker: true, static_routing: { user_worker: functionRules, asset_worker: filePaths } },
          assetConfig: { not_found_handling: served.assets.not_found_handling, has_static_routing: true },
        },
      },
      {
        name: served.name,
        modules: served.modules,
        modulesRoot: served.modules_root,
        compatibilityDate: served.compatibility_date,
        compatibilityFlags: served.compatibility_flags,
        bindings: served.variables,
        serviceBindings: { [served.assets.binding]: "assets" },
        unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      },
    ],
    handleStructuredLogs({ level, message }) {
      // The functions write JSON; anything else is the runtime's own or a crash, and goes beside it.
      if (message.startsWith("{")) process.stdout.write(`${message}\n`);
      else process.stderr.write(`workerd ${level}: ${message}\n`);
    },
  }),
);

/**
 * A function may refuse a body before it has come in. workerd then answers, takes 64 KiB more and closes the connection,
 * and bytes still under way would destroy the answer. So this much is sent ahead, and the rest waits for an answer,
 * which comes at once when it is a refusal. No message is as long: 4,000 characters are 48 kB at most.
 */
const AHEAD_BYTES = 56 * 1024;
/** The parts of an import are as long as this, and are looked at whole: with them nobody waits for a refusal. */
const IMPORT_BYTES = 160 * 1024;
const ANSWER_WITHIN_MS = 5_000;

let assets, functions;

/** Hands a request on, body by body and byte by byte; the side that leaves first closes the other, too. */
function relay(incoming, outgoing) {
  const [path] = incoming.url.split("?");
  const isFunctions = !filePaths.includes(path) && functionRules.some(isOf(path));
  const target = isFunctions ? functions : assets;
  // A connection for each request: one that is kept may be closed by workerd just when the next request goes out.
  // `headers` would keep the first of two where an edge hands on both.
  const { host } = incoming.headers;
  const added = { host, "cf-connecting-ip": incoming.socket.remoteAddress, connection: "close" };
  const headers = { ...incoming.headersDistinct, ...added };
  const inner = open(
    { agent: false, hostname: target.hostname, port: target.port, method: incoming.method, path: incoming.url, headers },
    (answer) => {
      sending.stop();
      outgoing.writeHead(answer.statusCode, answer.statusMessage, endToEnd(answer.rawHeaders));
      outgoing.flushHeaders();
      answer.pipe(outgoing);
      answer.on("error", () => outgoing.destroy());
      answer.on("aborted", () => outgoing.destroy());
      answer.on("end", () => inner.writableEnded || inner.destroy());
    },
  );
  inner.setNoDelay(true);
  inner.on("error", (error) => {
    if (outgoing.headersSent || outgoing.destroyed) return outgoing.destroy();
    process.stderr.write(`workerd gave no answer to ${incoming.method} ${incoming.url}: ${error.message}\n`);
    outgoing.writeHead(502).end();
  });
  outgoing.on("close", () => {
    // A reset, not an orderly end: workerd takes a half-closed connection for a client who still listens.
    if (!outgoing.writableFinished) (inner.socket ?? inner).resetAndDestroy?.() ?? inner.destroy();
  });
  const sending = send(incoming, inner);
}

/** An answer's headers without those that speak of the connection between workerd and this program. */
function endToEnd(raw) {
  const isKept = (_, at) => !["connection", "keep-alive"].includes(raw[at - (at % 2)].toLowerCase());
  return raw.filter(isKept);
}

/** Sends a request's body on: whole when it is short, else as much as is wanted. `stop` says that the answer is there. */
function send(incoming, inner) {
  let answered = false;
  let goOn = () => {};
  const pause = (until) =>
    new Promise((resolve) => {
      goOn = resolve;
      until(resolve);
    });
  const whole = incoming.url === "/api/v1/chat/import" ? IMPORT_BYTES : AHEAD_BYTES;
  async function run() {
    let held = [];
    let length = 0;
    for await (const chunk of incoming) {
      // What nobody wants is still read, or the client would wait for ever before it looks at the answer.
      if (answered) continue;
      if (held) {
        held.push(chunk);
        length += chunk.length;
        if (length <= whole) continue;
        const ahead = Buffer.concat(held);
        held = undefined;
        // With a length in its head a request can be refused without a byte of its body.
        const sent = incoming.headers["content-length"] ? 0 : AHEAD_BYTES;
        if (sent) inner.write(ahead.subarray(0, sent));
        else inner.flushHeaders();
        await pause((resolve) => setTimeout(resolve, ANSWER_WITHIN_MS).unref());
        if (!answered) inner.write(ahead.subarray(sent));
      } else if (!inner.write(chunk) && !inner.destroyed) {
        await pause((resolve) => inner.once("drain", resolve).once("close", resolve));
      }
    }
    if (!answered) inner.end(held && Buffer.concat(held));
  }
  run().catch(() => inner.destroy());
  return {
    stop() {
      answered = !inner.writableEnded;
      goOn();
    },
  };
}

const front = createServer({ requestTimeout: 0, maxHeaderSize: 64 * 1024 }, relay);
front.on("connection", (socket) => socket.setNoDelay(true));

// A WebSocket: from its first bytes on both connections are one.
front.on("upgrade", (incoming, socket, head) => {
  const added = { host: incoming.headers.host, "cf-connecting-ip": incoming.socket.remoteAddress };
  const headers = { ...incoming.headersDistinct, ...added };
  const inner = open({ agent: false, hostname: functions.hostname, port: functions.port, path: incoming.url, headers });
  const lines = ({ statusCode, statusMessage, rawHeaders }) => {
    const pairs = rawHeaders.flatMap((name, at) => (at % 2 ? [] : [`${name}: ${rawHeaders[at + 1]}\r\n`]));
    return `HTTP/1.1 ${statusCode} ${statusMessage}\r\n${pairs.join("")}\r\n`;
  };
  inner.on("upgrade", (answer, other, first) => {
    socket.write(lines(answer));
    socket.write(first);
    other.write(head);
    for (const [from, to] of [[socket, other], [other, socket]]) {
      from.setNoDelay(true);
      from.pipe(to);
      from.on("error", () => to.destroy()).on("close", () => to.destroy());
    }
  });
  // It was refused.
  inner.on("response", async (answer) => {
    const body = Buffer.concat(await answer.toArray());
    const framing = ["transfer-encoding", "content-length"];
    const kept = endToEnd(answer.rawHeaders).filter((_, at, all) => !framing.includes(all[at - (at % 2)].toLowerCase()));
    const rawHeaders = [...kept, "content-length", String(body.length), "connection", "close"];
    const { statusCode, statusMessage } = answer;
    socket.end(Buffer.concat([Buffer.from(lines({ statusCode, statusMessage, rawHeaders })), body]));
  });
  inner.on("error", () => socket.destroy());
  socket.on("error", () => inner.destroy());
  inner.end();
});

let ending = false;
async function end(code) {
  if (ending) return;
  ending = true;
  front.close();
  front.closeAllConnections();
  await runtime.dispose().catch(() => {});
  process.exit(code);
}
process.on("SIGTERM", () => end(0));
process.on("SIGINT", () => end(0));
input.on("close", () => end(0));
process.stdin.on("end", () => end(0));

try {
  assets = await runtime.ready;
  functions = await runtime.unsafeGetDirectURL(served.name);
  await new Promise((listening, failed) => {
    front.once("error", failed);
    front.listen(served.port, served.host, listening);
  });
  const { address, port } = front.address();
  process.stdout.write(`${JSON.stringify({ ready: `http://${address.includes(":") ? `[${address}]` : address}:${port}` })}\n`);
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n`);
  await end(1);
}
