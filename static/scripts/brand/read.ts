/** An operator's face, read from its folder and checked: whatever is wrong stops the build and says the line. docs/brand.md describes the folder. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { TomlError, parse } from "smol-toml";

export interface Link {
  label: string;
  address: string;
}

/** A hue of OKLCH in degrees, or the two colours themselves. */
export type Accent = number | { light: string; dark: string };

/** Words that stand in place of the page's. */
export interface Replacement {
  /** Two letters; null: every language that has no words of its own here. */
  language: string | null;
  /** The room, then the names in its table. */
  path: string[];
  value: string | string[];
  /** Where it is said: `words.de.toml:3`. */
  place: string;
}

export interface Brand {
  folder: string;
  name: string;
  shortName: string;
  accent: Accent;
  /** Where the accent is said. */
  accentPlace: string;
  links: Link[];
  words: Replacement[];
  /** As SVG. */
  logo: string;
}

/** What is wrong with a face. */
export class BrandError extends Error {}

export const LANGUAGES = ["en", "ar", "de", "es", "fr", "ja", "pt", "zh"];

const KEYS = ["name", "short_name", "accent", "greeting", "notice", "starters", "links"];
const MOST_STARTERS = 6;
const MOST_LINKS = 6;
const LARGEST_LOGO = 30_000;
const HEX = /^#[0-9a-f]{6}$/i;

type Table = Record<string, unknown>;

/** Reads the face in `folder`. Throws `BrandError`. */
export function readBrand(folder: string): Brand {
  const file = new TomlFile(folder, "brand.toml");
  const { table } = file;
  for (const key of Object.keys(table))
    if (!KEYS.includes(key)) file.refuse(key, `there is no key ${key}; there are ${KEYS.join(", ")}`);
  const name = file.text("name", 40);
  if (name === undefined) throw new BrandError(`${file.path}: name is missing`);
  const words: Replacement[] = [];
  const own = (key: string, at: string, value: string | string[] | undefined) => {
    if (value !== undefined) words.push({ language: null, path: ["first", at], value, place: file.place(key) });
  };
  own("greeting", "greeting", file.text("greeting", 80));
  own("notice", "aiNotice", file.text("notice", 120));
  own("starters", "starters", starters(file));
  for (const found of readdirSync(folder)) {
    const language = /^words\.(.+)\.toml$/.exec(found)?.[1];
    if (language === undefined) continue;
    if (!LANGUAGES.includes(language))
      throw new BrandError(
        `${join(folder, found)}: the page has no language ${language}; it has ${LANGUAGES.join(", ")}`,
      );
    words.push(...replacements(new TomlFile(folder, found), language));
  }
  return {
    folder,
    name,
    shortName: file.text("short_name", 20) ?? name,
    accent: accent(file),
    accentPlace: file.place("accent"),
    links: links(file),
    words,
    logo: logo(folder),
  };
}

/** A file of TOML that knows where its keys stand. */
class TomlFile {
  readonly path: string;
  readonly table: Table;
  readonly #lines: string[];

  constructor(folder: string, name: string) {
    this.path = join(folder, name);
    if (!existsSync(this.path)) throw new BrandError(`${this.path} is missing`);
    const text = readFileSync(this.path, "utf8");
    this.#lines = text.split("\n");
    try {
      this.table = parse(text);
    } catch (thrown) {
      if (thrown instanceof TomlError)
        throw new BrandError(`${this.path}:${thrown.line}: ${thrown.message.split("\n", 1)[0] ?? ""}`);
      throw thrown;
    }
  }

  /** Where `key` is said for the first time after `head`, a line such as `[[links]]` that is passed `passed` times before. */
  place(key: string, head?: RegExp, passed = 0): string {
    let from = 0;
    for (let left = passed + 1; head && left > 0; left--)
      from = this.#lines.findIndex((line, at) => at >= from && head.test(line)) + 1;
    const form = new RegExp(`^\\s*(?:[\\w".-]+\\.)?"?${key}"?\\s*=|[{,]\\s*"?${key}"?\\s*=`);
    const at = this.#lines.findIndex((line, at) => at >= from && form.test(line));
    return `${this.path}:${Math.max(at, from - 1, 0) + 1}`;
  }

  refuse(key: string, words: string): never {
    throw new BrandError(`${this.place(key)}: ${words}`);
  }

  /** The text under `key`, which may be missing, and never empty. */
  text(key: string, most: number): string | undefined {
    const value = this.table[key];
    if (value === undefined) return undefined;
    const text = fit(value, most);
    return text ?? this.refuse(key, `${key} must be a text of 1 to ${most} characters on one line`);
  }
}

/** A text of 1 to `most` characters without controls, or nothing. */
function fit(value: unknown, most: number): string | undefined {
  if (typeof value !== "string") return undefined;
  const text = value.trim();
  return text !== "" && Array.from(text).length <= most && !/\p{Cc}/u.test(text) ? text : undefined;
}

function starters(file: TomlFile): string[] | undefined {
  const value = file.table.starters;
  if (value === undefined) return undefined;
  const texts = Array.isArray(value) ? value.map((one: unknown) => fit(one, 120)) : [undefined];
  if (texts.length > MOST_STARTERS || texts.includes(undefined))
    file.refuse("starters", `starters must be a list of at most ${MOST_STARTERS} texts of 1 to 120 characters`);
  return texts as string[];
}

function links(file: TomlFile): Link[] {
  const value = file.table.links;
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > MOST_LINKS)
    return file.refuse("links", `there may be ${MOST_LINKS} tables [[links]] with label and address`);
  return value.map((link: Table, at) => {
    const refuse = (key: string, words: string): never => {
      throw new BrandError(`${file.place(key, /^\s*\[\[links\]\]/, at)}: ${words}`);
    };
    for (const key of Object.keys(link))
      if (!["label", "address"].includes(key)) refuse(key, `a link has no ${key}: it has a label and an address`);
    const label = fit(link.label, 40) ?? refuse("label", "label must be a text of 1 to 40 characters");
    const address = fit(link.address, 500);
    if (!address || !/^(?:https:\/\/|mailto:|\/(?!\/))/.test(address))
      return refuse("address", "address must begin with https://, mailto: or /");
    return { label, address };
  });
}

function accent(file: TomlFile): Accent {
  const value = file.table.accent ?? 184;
  if (typeof value === "number" && value >= 0 && value < 360) return value;
  const { light, dark, ...others } = (typeof value === "object" ? value : {}) as Record<string, unknown>;
  const isColour = (colour: unknown): colour is string => typeof colour === "string" && HEX.test(colour);
  if (isColour(light) && isColour(dark) && Object.keys(others).length === 0) return { light, dark };
  return file.refuse(
    "accent",
    'accent must be a hue from 0 to 359, or two colours such as { light = "#0d6b62", dark = "#6fd3c3" }',
  );
}

/** Each single string of a file of words. */
function replacements(file: TomlFile, language: string): Replacement[] {
  const found: Replacement[] = [];
  const visit = (table: Table, path: string[]): void => {
    for (const [key, value] of Object.entries(table)) {
      const place = file.place(key);
      if (typeof value === "object" && value !== null && !Array.isArray(value)) visit(value as Table, [...path, key]);
      else {
        const list = Array.isArray(value) ? (value as unknown[]).map((one) => fit(one, 1000)) : fit(value, 1000);
        if (list === undefined || (Array.isArray(list) && list.includes(undefined)))
          throw new BrandError(`${place}: ${key} must be a text, and cannot be empty`);
        found.push({ language, path: [...path, key], value: list as string | string[], place });
      }
    }
  };
  visit(file.table, []);
  return found;
}

/** What is drawn in the tab, on a phone's first page and in previews. */
function logo(folder: string): string {
  const path = join(folder, "logo.svg");
  if (!existsSync(path)) throw new BrandError(`${path} is missing`);
  const svg = readFileSync(path, "utf8").trim();
  const refuse = (words: string): never => {
    throw new BrandError(`${path}:1: ${words}`);
  };
  if (svg.length > LARGEST_LOGO) refuse(`the logo is larger than ${LARGEST_LOGO} bytes`);
  if (!/<svg[^>]*\sviewBox=/.test(svg)) refuse("the logo must be an <svg> with a viewBox");
  if (/<script|\son\w+=|<foreignObject|href=["'](?!#|data:image)/i.test(svg))
    refuse("the logo may have no script, and nothing in it that is loaded from elsewhere");
  return svg.replace(/^<\?xml.*?\?>\s*/s, "").replace(/^<!DOCTYPE.*?>\s*/is, "");
}
