// No files of the page import each other in a circle: each can be read, and tested, with what it imports and nothing else. Imports of
// types count, and import(), too: they tie two files together as much for a reader. Another folder can be named.
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const src = process.argv[2] ?? join(dirname(dirname(fileURLToPath(import.meta.url))), "src");
const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((name) => /(?<!\.d)\.tsx?$/.test(name) && !name.startsWith("generated"))
  .map((name) => join(src, name));

/** The files of the page that `file` imports, in whichever way. */
function imports(file) {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"), true, true);
  return importedFiles.map(({ fileName }) => join(dirname(file), fileName)).filter((other) => files.includes(other));
}
const graph = new Map(files.map((file) => [file, imports(file)]));

const done = new Set();
/** The first circle that is met on the way from `file`, which was reached by `way`; its first file stands at its end again. */
function circleFrom(file, way = []) {
  const start = way.indexOf(file);
  if (start >= 0) return [...way.slice(start), file];
  if (done.has(file)) return undefined;
  for (const other of graph.get(file)) {
    const circle = circleFrom(other, [...way, file]);
    if (circle) return circle;
  }
  done.add(file);
  return undefined;
}

for (const file of files) {
  const circle = circleFrom(file);
  if (!circle) continue;
  console.error(`These files import each other: ${circle.map((each) => relative(src, each)).join(" → ")}`);
  console.error("Move what both need into a file of its own, which imports neither.");
  process.exit(1);
}
console.log(`no circle among ${files.length} files`);
