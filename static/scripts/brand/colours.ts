/** The accent of a face: six colours for light and six for dark, made of a hue or of two colours, that can be read on each ground they stand on. */
import { clampChroma, converter, formatHex, wcagContrast } from "culori";
import { type Brand, BrandError } from "./read.ts";

const THEMES = ["light", "dark"] as const;
type Theme = (typeof THEMES)[number];
type Tokens = Record<string, Record<Theme, string>>;

const TOKEN = /--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);/g;
const GROUNDS = ["ground", "ground-side", "ground-raised", "ground-tint", "accent-tint"];
/** What stands on what, and how far apart the two must be at least (WCAG 2.2, 1.4.3 and 1.4.11). */
const PAIRS: [colour: string, grounds: string[], least: number][] = [
  ["accent", GROUNDS, 4.5],
  ["accent-strong", GROUNDS, 4.5],
  ["on-accent", ["accent-ground", "accent-strong"], 4.5],
  ["accent-ground", ["ground", "ground-raised"], 3],
  ["accent-line", ["ground", "ground-raised"], 3],
];
/** The smallest change of lightness, of 1. */
const STEP = 0.005;

const oklch = converter("oklch");
type Oklch = NonNullable<ReturnType<typeof oklch>>;
const parts = (colour: string): Oklch => oklch(colour) ?? { mode: "oklch", l: 0, c: 0 };
const hex = (colour: Oklch) => formatHex(clampChroma(colour, "oklch"));

/** The page's colours in `css`, the file `tokens.css`, with the accent of `brand` among them. */
export function withAccent(css: string, brand: Brand): string {
  const tokens: Tokens = {};
  for (const [, name = "", light = "", dark = ""] of css.matchAll(TOKEN)) tokens[name] = { light, dark };
  const accented = typeof brand.accent === "number" ? turned(tokens, brand.accent) : given(tokens, brand.accent);
  const faults = THEMES.flatMap((theme) => faultsOf(accented, theme));
  if (faults[0] !== undefined) throw new BrandError(`${brand.accentPlace}: ${faults[0]}`);
  return css.replace(TOKEN, (whole, name: string) => {
    const found = accented[name];
    return found ? `--${name}: light-dark(${found.light}, ${found.dark});` : whole;
  });
}

/** What of the page's own accent is in another hue: as light, as colourful as a screen can show it, and a little darker or lighter where it needs to. */
function turned(tokens: Tokens, hue: number): Tokens {
  const own = parts(tokens.accent?.light ?? "").h ?? 0;
  // The page's own colours stay as they were chosen.
  if (Math.abs(own - hue) < 1) return tokens;
  const changed = { ...tokens };
  for (const name of Object.keys(tokens).filter((name) => name.includes("accent"))) {
    const turn = (colour = "") => {
      const known = parts(colour);
      return hex({ ...known, h: ((known.h ?? own) + hue - own + 360) % 360 });
    };
    changed[name] = { light: turn(tokens[name]?.light), dark: turn(tokens[name]?.dark) };
  }
  for (const name of ["accent", "accent-strong", "accent-ground", "accent-line"])
    for (const theme of THEMES) {
      const from = changed[name]?.[theme] ?? "";
      let colour = parts(from);
      const isFine = () =>
        faultsOf({ ...changed, [name]: both(changed, name, theme, hex(colour)) }, theme, name).length === 0;
      while (!isFine() && colour.l > 0 && colour.l < 1)
        colour = { ...colour, l: colour.l + (theme === "light" ? -STEP : STEP) };
      changed[name] = both(changed, name, theme, hex(colour));
    }
  return changed;
}

function both(tokens: Tokens, name: string, theme: Theme, colour: string): Record<Theme, string> {
  return { light: "", dark: "", ...tokens[name], [theme]: colour };
}

/** The two colours as they were given, and the others as they follow from them. */
function given(tokens: Tokens, accent: Record<Theme, string>): Tokens {
  const changed = { ...tokens };
  for (const theme of THEMES) {
    const { c, h = 0 } = parts(accent[theme]);
    const like = (name: string, most = c): Oklch => ({
      mode: "oklch",
      l: parts(tokens[name]?.[theme] ?? "").l,
      c: Math.min(c, most),
      h,
    });
    const white = wcagContrast("#ffffff", accent[theme]) >= 4.5;
    const set = (name: string, colour: string) => (changed[name] = both(changed, name, theme, colour));
    set("accent", accent[theme]);
    set("accent-ground", accent[theme]);
    const { l } = parts(accent[theme]);
    set("accent-strong", hex({ mode: "oklch", l: l + (theme === "light" ? -0.08 : 0.06), c, h }));
    set("accent-tint", hex(like("accent-tint", 0.03)));
    set("accent-line", hex(like("accent-line", 0.09)));
    set("on-accent", white ? "#ffffff" : hex({ mode: "oklch", l: 0.2, c: Math.min(c, 0.04), h }));
  }
  return changed;
}

/** In words, what cannot be read; of one colour or of all. */
function faultsOf(tokens: Tokens, theme: Theme, only?: string): string[] {
  return PAIRS.filter(([colour]) => only === undefined || colour === only).flatMap(([colour, grounds, least]) =>
    grounds.flatMap((ground) => {
      const [one = "", other = ""] = [tokens[colour]?.[theme], tokens[ground]?.[theme]];
      const contrast = wcagContrast(one, other);
      if (contrast >= least) return [];
      return [
        `${colour} ${one} on ${ground} ${other} has a contrast of ${contrast.toFixed(2)}:1 in the ${theme} theme; ${least}:1 is needed`,
      ];
    }),
  );
}
