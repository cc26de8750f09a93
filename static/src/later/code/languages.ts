/** The languages that code is coloured in, and the other names models give them on a fence. */
const OTHER_NAMES = {
  bash: "sh shell zsh",
  c: "h",
  clojure: "clj cljs edn",
  cmake: "",
  cpp: "c++ cc cxx hpp hh hxx h++",
  csharp: "cs c#",
  css: "",
  dart: "",
  diff: "patch",
  dockerfile: "docker containerfile",
  elixir: "ex exs",
  erlang: "erl",
  fsharp: "fs f#",
  go: "golang",
  graphql: "gql",
  groovy: "gradle jenkinsfile",
  haskell: "hs",
  http: "",
  ini: "toml cfg conf properties editorconfig",
  java: "",
  javascript: "js jsx mjs cjs node",
  json: "jsonc json5 jsonl geojson ipynb",
  julia: "jl",
  kotlin: "kt kts",
  latex: "tex",
  less: "",
  lua: "",
  makefile: "make mk",
  markdown: "md mdx",
  matlab: "octave",
  nginx: "",
  nix: "",
  objectivec: "objc objective-c mm",
  ocaml: "ml",
  perl: "pl",
  php: "",
  powershell: "ps ps1 pwsh",
  protobuf: "proto",
  python: "py python3 py3",
  r: "",
  ruby: "rb",
  rust: "rs",
  scala: "sc",
  scss: "sass",
  shell: "console shellsession terminal session",
  sql: "mysql postgresql postgres sqlite plsql tsql psql",
  swift: "",
  typescript: "ts tsx mts cts",
  wasm: "wat wast",
  x86asm: "asm nasm assembly",
  xml: "html xhtml svg vue svelte rss atom plist",
  yaml: "yml",
};

export type Language = keyof typeof OTHER_NAMES;

const BY_NAME = new Map<string, Language>();
for (const [language, others] of Object.entries(OTHER_NAMES) as [Language, string][]) {
  // "shell" on a fence means a script, and is one of bash's names; to the grammars it is a session with prompts.
  for (const name of [language, ...others.split(" ")]) if (!BY_NAME.has(name)) BY_NAME.set(name, language);
}

/** The language that `name`, from a fence, means; none if it is not coloured. */
export function languageOf(name: string | undefined): Language | undefined {
  return name ? BY_NAME.get(name) : undefined;
}
