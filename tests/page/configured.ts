/** A test whose server is one of its own, on the same stores, with `variables` on top. */
import { test as base } from "./page.ts";
import { startServer } from "./server.ts";

export const test = base.extend<{ variables: Record<string, string> }>({
  variables: [{}, { option: true }],
  baseURL: async ({ variables }, use) => {
    const { address, stop } = await startServer(variables);
    await use(address);
    await stop();
  },
});
