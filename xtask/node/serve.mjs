// Serves the Worker and its assets on workerd, by miniflare: what `wrangler dev` does, without its proxy in front.
//
// One line of JSON on standard input says what to serve (secrets never stand on a command line). Standard output gets
// {"ready":"http://…"}, then the functions' log, a line each. It ends on SIGTERM and when standard input ends, which is
// also what happens when the program that started it is killed.
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { Log, LogLevel, Miniflare, convertV4MiniflareOptions } from "miniflare";

const input = createInterface({ input: process.stdin });
const { value: line } = await input[Symbol.asyncIterator]().next();
const served = JSON.parse(line);

const runtime = new Miniflare(
  convertV4MiniflareOptions({
    name: served.name,
    rootPath: served.root,
    modules: served.modules,
    modulesRoot: dirname(served.modules[0].path),
    compatibilityDate: served.compatibility_date,
    compatibilityFlags: served.compatibility_flags,
    bindings: served.variables,
    assets: {
      directory: served.assets.directory,
      run_worker_first: served.assets.run_worker_first,
      routerConfig: {
        has_user_worker: true,
        static_routing: { user_worker: served.assets.run_worker_first },
      },
      assetConfig: { not_found_handling: served.assets.not_found_handling },
    },
    host: served.host,
    port: served.port,
    cf: false,
    logRequests: false,
    log: new Log(LogLevel.WARN),
    handleStructuredLogs({ level, message }) {
      // The functions write JSON; anything else is the runtime's own or a crash, and goes beside it.
      if (message.startsWith("{")) process.stdout.write(`${message}\n`);
      else process.stderr.write(`workerd ${level}: ${message}\n`);
    },
  }),
);

let ending = false;
async function end(code) {
  if (ending) return;
  ending = true;
  await runtime.dispose().catch(() => {});
  process.exit(code);
}
process.on("SIGTERM", () => end(0));
process.on("SIGINT", () => end(0));
input.on("close", () => end(0));
process.stdin.on("end", () => end(0));

try {
  const url = await runtime.ready;
  process.stdout.write(`${JSON.stringify({ ready: url.origin })}\n`);
} catch (error) {
  process.stderr.write(`${error.stack ?? error}\n`);
  await end(1);
}
