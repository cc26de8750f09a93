// What TypeScript's compiler does not say: strict type-aware rules, and which folder may import from which.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import globals from "globals";
import ts from "typescript-eslint";

const later = {
  group: ["**/later/**"],
  allowTypeImports: true,
  message:
    "src/later/ is loaded on demand: use import(), or it will be part of what is loaded before the first keystroke.",
};
const upward = (folders, message) => ({ group: folders.map((folder) => `**/${folder}/**`), message });

// Who listens to keys by any other way hears those of an input method, too.
const KEYS = "Wrap it in keys() of browser/keys.ts, or use its onKeys().";
const syntax = [
  {
    selector: "JSXAttribute[name.name=/^onKey/] > JSXExpressionContainer > :not(CallExpression[callee.name='keys'])",
    message: KEYS,
  },
  {
    selector:
      "CallExpression[callee.name='addEventListener'][arguments.0.value=/^key/]:not([arguments.1.callee.name='keys'])",
    message: KEYS,
  },
  {
    selector:
      "CallExpression[callee.property.name='addEventListener'][arguments.0.value=/^key/]:not([arguments.1.callee.name='keys'])",
    message: KEYS,
  },
  {
    selector:
      "ConditionalExpression[alternate.type='JSXElement'] > JSXElement.consequent > " +
      "JSXOpeningElement[name.name='button']:not(:has(JSXAttribute[name.name='key']))",
    message: "Give each of the two a key: one button that becomes another does the other's work under a click.",
  },
];

const folder = (name, ...patterns) => ({
  files: [`src/${name}/**`],
  rules: { "@typescript-eslint/no-restricted-imports": ["error", { patterns }] },
});

export default ts.config(
  { ignores: ["dist", "src/generated", "src/api/schema.d.ts", "markdown"] },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { project: "./tsconfig.json", tsconfigRootDir: dirname(fileURLToPath(import.meta.url)) },
    },
    rules: {
      // Numbers in addresses and words are fine.
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // Arrow functions that only assign: `() => (x.value = 1)`.
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
    },
  },
  folder("first", later),
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["src/browser/keys.ts"],
    rules: { "no-restricted-syntax": ["error", ...syntax] },
  },
  folder("state", later, upward(["first"], "State knows nothing of how it is shown.")),
  folder("api", later, upward(["first", "state"], "The API client knows nothing of the page.")),
  folder("browser", later, upward(["first", "state", "api", "text"], "The browser knows nothing of the page.")),
  folder("text", later, upward(["first", "state", "api"], "A text is known by itself.")),
  folder("later", {
    group: ["**/first/**", "!**/first/strings.ts"],
    message: "What is loaded on demand must not reach back into the page, but for its words.",
  }),
  { files: ["**/*.{js,mjs}"], languageOptions: { globals: { ...globals.node, ...globals.browser } } },
);
