/** Puts an operator's words, and the name, in place of the page's, in the source of a table of words: the page itself knows of no brand. */
import ts from "typescript";
import { BrandError, type Brand, type Replacement } from "./read.ts";

/** The name in the page's own words. */
const OWN_NAME = /\bEdgewise\b/g;

/** A table of words: which language it is in and, if it is one room's, which. */
export interface Table {
  language: string;
  room?: string;
}

/** What the file below `src/` is, if it is a table of words. */
export function tableAt(file: string): Table | null {
  const [, room] = /\/src\/(?:later\/)?(.+)\/strings\.ts$/.exec(file) ?? [];
  if (room !== undefined) return { language: "en", room };
  const [, language] = /\/src\/words\/(\w\w)(?:\.\w+)?\.ts$/.exec(file) ?? [];
  return language === undefined ? null : { language };
}

/** The replacements that are for this language: what is said for every language gives way to what is said for this one. */
export function wordsFor(brand: Brand, language: string): Replacement[] {
  const own = brand.words.filter((one) => one.language === language);
  const isOwn = ({ path }: Replacement) => own.some((one) => one.path.join("/") === path.join("/"));
  return [...brand.words.filter((one) => one.language === null && !isOwn(one)), ...own];
}

/** `source` with other words. `done` is told which replacements have found their place. */
export function replaced(
  source: string,
  table: Table,
  brand: Brand,
  done: (one: Replacement) => void = () => undefined,
): string {
  const file = ts.createSourceFile("words.ts", source, ts.ScriptTarget.Latest, true);
  const edits: { start: number; end: number; text: string }[] = [];
  for (const one of wordsFor(brand, table.language)) {
    const [room = "", ...names] = one.path;
    if (table.room !== undefined && table.room !== room) continue;
    const root = table.room === undefined ? propertyOf(tableIn(file), room) : tableIn(file);
    if (!root) continue;
    const node = names.reduce<ts.Expression | undefined>(propertyOf, root);
    if (!node) continue;
    done(one);
    const isList = ts.isArrayLiteralExpression(node) && node.elements.every((each) => ts.isStringLiteralLike(each));
    if (Array.isArray(one.value) ? !isList : !ts.isStringLiteralLike(node))
      throw new BrandError(
        `${one.place}: ${one.path.join(".")} is put together with what it is about, and cannot be replaced`,
      );
    edits.push({ start: node.getStart(), end: node.getEnd(), text: JSON.stringify(one.value) });
  }
  const inPlace = (start: number) => edits.some((edit) => edit.start <= start && start < edit.end);
  const visit = (node: ts.Node): void => {
    const isText =
      ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddle(node) || ts.isTemplateTail(node);
    if (isText && !inPlace(node.getStart()) && node.text.search(OWN_NAME) >= 0) {
      const name = brand.name.replace(/["`\\$]/g, "\\$&");
      edits.push({ start: node.getStart(), end: node.getEnd(), text: node.getText().replace(OWN_NAME, () => name) });
    }
    ts.forEachChild(node, visit);
  };
  if (brand.name !== "Edgewise") visit(file);
  edits.sort((one, other) => other.start - one.start);
  return edits.reduce((text, { start, end, text: other }) => text.slice(0, start) + other + text.slice(end), source);
}

/** The literal after `told("…",` or after `const words: … =`. */
function tableIn(file: ts.SourceFile): ts.Expression | undefined {
  let found: ts.Expression | undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === "told") found ??= node.arguments[1];
    else if (ts.isVariableDeclaration(node) && node.name.getText() === "words" && node.type) found ??= node.initializer;
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function propertyOf(node: ts.Expression | undefined, name: string): ts.Expression | undefined {
  const table = node && (ts.isSatisfiesExpression(node) ? node.expression : node);
  if (!table || !ts.isObjectLiteralExpression(table)) return undefined;
  for (const property of table.properties)
    if (ts.isPropertyAssignment(property) && (property.name as ts.Identifier).text === name)
      return property.initializer;
  return undefined;
}
