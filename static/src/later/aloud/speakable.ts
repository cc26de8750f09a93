/** What of a rendered text is read out: its words, in pieces of a sentence or a few, without what is only good to be seen. */
import { language } from "../../browser/language.ts";
import { languageOf } from "./languages.ts";

export interface Piece {
  text: string;
  /** Undefined: the browser's own. */
  lang: string | undefined;
}

/** What is said instead of something. */
export interface Instead {
  code: string;
  formula: string;
}

/** Longer pieces are cut: some voices fall silent after a quarter of a minute. In characters. */
const LONGEST = 220;

const BLOCKS = new Set("p h1 h2 h3 h4 h5 h6 ul ol li dl dt dd blockquote table tr hr section div".split(" "));
/** Folded thoughts, controls, and what a screen reader is not told either. */
const SILENT = "details, button, summary, svg, [aria-hidden=true], [hidden], sup:has(> a)";
/** A name or a number, which can be said as it stands. */
const SAYABLE = /^[\p{L}\p{N}]{1,3}$/u;

export function speakable(root: Element, instead: Instead, preferred: readonly string[]): Piece[] {
  const texts: string[] = [];
  let text = "";
  const flush = () => {
    const plain = text.replace(/\s+/gu, " ").trim();
    if (/[\p{L}\p{N}\p{S}]/u.test(plain)) texts.push(plain);
    text = "";
  };
  const visit = (node: Node): void => {
    if (node.nodeType === Node.TEXT_NODE) text += node.nodeValue ?? "";
    if (!(node instanceof Element) || node.matches(SILENT)) return;
    if (node.matches(".code, pre")) {
      flush();
      texts.push(instead.code);
      return;
    }
    if (node.matches(".math, math")) {
      const symbols = node.textContent.trim();
      text += SAYABLE.test(symbols) ? symbols : ` ${instead.formula} `;
      return;
    }
    const isBlock = BLOCKS.has(node.localName);
    if (isBlock) flush();
    node.childNodes.forEach(visit);
    if (isBlock) flush();
    else if (node.localName === "br") text += " ";
    else if (/^t[dh]$/.test(node.localName)) text += node.nextElementSibling ? ", " : ".";
  };
  visit(root);
  flush();
  const whole = languageOf(texts.filter((one) => one !== instead.code).join("\n"), preferred);
  return texts.flatMap((one) => {
    const lang = one === instead.code ? language : (languageOf(one, preferred) ?? whole);
    return pieces(withoutAddresses(one), lang).map((each) => ({ text: each, lang }));
  });
}

/** An address is only good to be followed: its host says enough. */
function withoutAddresses(text: string): string {
  return text.replace(/\bhttps?:\/\/(?:www\.)?([^\s/?#]+)\S*/g, "$1");
}

/** `text` in pieces that are not too long, cut between sentences, or else between words. */
function pieces(text: string, lang: string | undefined): string[] {
  if (text.length <= LONGEST) return [text];
  const found: string[] = [];
  const add = (segment: string) => {
    const longer = (found.at(-1) ?? "") + segment;
    if (found.length > 0 && longer.length <= LONGEST) found[found.length - 1] = longer;
    else found.push(segment);
  };
  for (const sentence of segments(text, "sentence", lang)) {
    if (sentence.length <= LONGEST) add(sentence);
    else for (const word of segments(sentence, "word", lang)) add(word);
  }
  return found.map((one) => one.trim()).filter(Boolean);
}

function segments(text: string, granularity: "sentence" | "word", lang: string | undefined): string[] {
  return Array.from(new Intl.Segmenter(lang, { granularity }).segment(text), ({ segment }) => segment);
}
