/** A real OpenID provider on loopback (`tests/provider`), and its page to sign in. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Page } from "@playwright/test";
import { variable } from "./stack.ts";

export interface Provider {
  issuer: string;
  /** What a server needs to have its visitors come in there. */
  variables: Record<string, string>;
  stop: () => Promise<void>;
}

/** One that sends browsers back to any port of this machine. */
export async function startProvider(): Promise<Provider> {
  const shell = spawn("sh", ["-c", variable("PROVIDER_COMMAND")], {
    env: { ...process.env, CALLBACKS: "http://localhost/api/v1/auth/oidc/callback" },
    stdio: ["ignore", "pipe", "ignore"],
  });
  const ended = once(shell, "exit");
  const lines = createInterface(shell.stdout);
  const ready = new Promise<string>((resolve) => {
    lines.on("line", (line) => {
      const [, address] = /^ready (http:\S+)/.exec(line) ?? [];
      if (address) resolve(address);
    });
  });
  const issuer = await Promise.race([ready, ended.then(() => null)]);
  if (issuer === null) throw new Error("PROVIDER_COMMAND ended before it was ready");
  const variables = {
    OIDC_ISSUER: issuer,
    OIDC_ID: "edgewise-test",
    OIDC_SECRET: "a secret of the tests: & more",
    OIDC_NAME: "The works",
  };
  const stop = async () => {
    shell.kill("SIGTERM");
    await ended;
  };
  return { issuer, variables, stop };
}

/** On the provider's page: signs in by this name. */
export async function signInThere(page: Page, name: string): Promise<void> {
  await page.locator("input[name=login]").fill(name);
  await page.locator("input[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
}

/** On the provider's page: calls it off. */
export async function callOffThere(page: Page): Promise<void> {
  await page.getByRole("link", { name: /cancel/i }).click();
}
