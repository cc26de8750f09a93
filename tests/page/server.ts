/** Another server on the same stores, with other variables: `DEV_COMMAND` (tests/README.md) starts one. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { createInterface } from "node:readline";
import { variable } from "./stack.ts";

export interface Server {
  address: string;
  stop: () => Promise<void>;
  /** Ends it without a word, as a machine that loses its power. */
  kill: () => Promise<void>;
}

/** A port that nothing listens on: a server whose address must be known before it is there takes it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** `port`: where it shall listen; without one it takes any. */
export async function startServer(variables: Record<string, string>, port = 0): Promise<Server> {
  const command = variable("DEV_COMMAND").replace("127.0.0.1:0", `127.0.0.1:${port}`);
  // A group of its own, so that what it starts ends with it.
  const shell = spawn("sh", ["-c", command], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const ended = once(shell, "exit");
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    if (shell.exitCode === null && shell.signalCode === null && shell.pid) process.kill(-shell.pid, signal);
    await ended;
  };
  const lines = createInterface(shell.stdout);
  const ready = new Promise<string>((resolve) => {
    // It is read on: a log that is not read stops its writer.
    lines.on("line", (line) => {
      const [, address] = /^ready (http:\S+)/.exec(line) ?? [];
      if (address) resolve(address);
    });
  });
  const address = await Promise.race([ready, ended.then(() => null)]);
  if (address === null) throw new Error("DEV_COMMAND ended before it was ready: its words are above");
  return { address, stop: () => end("SIGTERM"), kill: () => end("SIGKILL") };
}
