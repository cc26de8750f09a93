// Builds the Rust crates of the page, `markdown` and `password`, to Wasm and puts them, with their JavaScript faces, into src/generated/.
//
// WASM_BINDGEN_BIN and WASM_OPT_BIN name the tools; without them wasm-bindgen comes from the PATH and wasm-opt from
// the npm package binaryen. CARGO_TARGET_DIR is honoured.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import binaryen from "binaryen";

const page = dirname(dirname(fileURLToPath(import.meta.url)));
const workspace = dirname(page);
const generated = join(page, "src/generated");

/**
 * What rustc's wasm32 target and wasm-bindgen use, and every browser of the last three years knows. Not `--all-features`:
 * that also writes encodings no browser reads yet.
 */
const FEATURES = [
  "bulk-memory",
  "bulk-memory-opt",
  "multivalue",
  "mutable-globals",
  "nontrapping-float-to-int",
  "reference-types",
  "sign-ext",
];

function run(what, program, args, env = {}) {
  try {
    execFileSync(program, args, { cwd: workspace, stdio: "inherit", env: { ...process.env, ...env } });
  } catch (error) {
    if (error.code === "ENOENT") {
      console.error(`${what} is missing (looked for ${program}). \`cargo xtask dev\` installs it.`);
    } else {
      console.error(`${what} failed.`);
    }
    process.exit(1);
  }
}

/** binaryen's command is a script: it is started by this Node, whatever is on the PATH. */
function wasmOpt(args) {
  const named = process.env.WASM_OPT_BIN;
  if (named) {
    run("wasm-opt", named, args);
  } else {
    const script = join(dirname(createRequire(import.meta.url).resolve("binaryen/package.json")), "bin/wasm-opt");
    run("wasm-opt", process.execPath, [script, ...args]);
  }
}

/**
 * What runs only on the way to a panic: core's panicking functions, and `Debug`, which writes their words. A panic traps in
 * any case, so its words, and 6 kB over the wire with them, are of no use to a reader.
 */
const ON_THE_WAY_TO_A_PANIC =
  /panicking|slice_error_fail|unwrap_failed|expect_failed|handle_alloc_error|capacity_overflow|raw_vec\d+handle_error|fmt\.\.Debug|5Debug3fmt/;

/** Makes those functions trap at once; wasm-opt then drops whatever only they used. */
function trapAtOnce(file) {
  const module = binaryen.readBinary(readFileSync(file));
  const { Features } = binaryen;
  module.setFeatures(
    Features.BulkMemory |
      Features.BulkMemoryOpt |
      Features.Multivalue |
      Features.MutableGlobals |
      Features.NontrappingFPToInt |
      Features.ReferenceTypes |
      Features.SignExt,
  );
  const all = Array.from({ length: module.getNumFunctions() }, (_, index) =>
    binaryen.getFunctionInfo(module.getFunctionByIndex(index)),
  );
  for (const { name, params, results } of all.filter((info) => !info.module && ON_THE_WAY_TO_A_PANIC.test(info.name))) {
    module.removeFunction(name);
    module.addFunction(name, params, results, [], module.unreachable());
  }
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

/**
 * Blanks the names of source files, which only a panic's words refer to: 1 kB over the wire, and the folders of the machine
 * that built this stay private. Blanked, not cut out, so that everything else stays in its place.
 */
function withoutPaths(bytes) {
  for (const { 0: path, index } of bytes.toString("latin1").matchAll(/\/(?:[\w.+-]+\/)+[\w-]+\.rs/g)) {
    bytes.fill(0, index, index + path.length);
  }
  return bytes;
}

/**
 * The crates, what cargo and wasm-opt make them for. Parsing is never what a frame waits for, so `markdown` is small: "z", not the
 * workspace's "s", is 8 kB less over the wire, and rebuilding the control flow once another 400 bytes. `password` is quick, for a
 * visitor waits for it: its few kilobytes are loaded by who signs in.
 */
const CRATES = [
  { name: "markdown", level: "z", optimize: ["-Oz", "--flatten", "--rereloop", "-Oz", "--converge"] },
  { name: "password", level: "3", optimize: ["-O4", "--converge"] },
];

/** Puts a crate's Wasm and its JavaScript face into `folder`. */
function build({ name, level, optimize }, folder) {
  run("cargo", "cargo", ["build", "--package", name, "--target", "wasm32-unknown-unknown", "--release"], {
    CARGO_PROFILE_RELEASE_OPT_LEVEL: level,
  });
  const target = resolve(workspace, process.env.CARGO_TARGET_DIR || "target");
  const trapping = join(folder, "trapping.wasm");
  writeFileSync(trapping, trapAtOnce(join(target, `wasm32-unknown-unknown/release/${name}.wasm`)));
  run("wasm-bindgen", process.env.WASM_BINDGEN_BIN || "wasm-bindgen", [
    trapping,
    "--target",
    "web",
    "--out-dir",
    folder,
    "--out-name",
    name,
    "--omit-default-module-path",
    "--remove-name-section",
    "--remove-producers-section",
  ]);
  rmSync(trapping);
  const wasm = join(folder, `${name}_bg.wasm`);
  wasmOpt([
    ...FEATURES.map((feature) => `--enable-${feature}`),
    ...optimize,
    "--strip-producers",
    "--strip-target-features",
    wasm,
    "-o",
    wasm,
  ]);
  writeFileSync(wasm, withoutPaths(readFileSync(wasm)));
}

// Everything is made beside its place and moved in at the end, so that a failed run leaves the old files whole.
mkdirSync(dirname(generated), { recursive: true });
const making = mkdtempSync(join(page, "src/.generated-"));
try {
  for (const crate of CRATES) build(crate, making);
  rmSync(generated, { recursive: true, force: true });
  renameSync(making, generated);
} finally {
  rmSync(making, { recursive: true, force: true });
}

for (const { name } of CRATES) {
  const wasm = join(generated, `${name}_bg.wasm`);
  const compressed = brotliCompressSync(readFileSync(wasm)).length;
  console.log(`${name}_bg.wasm: ${statSync(wasm).size} bytes, ${compressed} with brotli`);
}
