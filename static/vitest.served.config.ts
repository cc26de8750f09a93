/** Tests of the page's modules against a served API: `cargo xtask test` says where it is. */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    environment: "node",
    include: ["src/**/*.served.ts"],
    testTimeout: 600_000,
    // Vite has another meaning for BASE_URL.
    env: { SERVED_AT: process.env.BASE_URL ?? "" },
  },
});
