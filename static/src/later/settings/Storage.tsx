/** How much of their room a visitor has used: a line, and what to do where little is left. */
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { requestJson } from "../../api/request.ts";
import type { components } from "../../api/schema.d.ts";
import { hasToken } from "../../api/token.ts";
import { locale } from "../../browser/language.ts";
import { words } from "./strings.ts";

type Me = components["schemas"]["MeView"];

/** From which part of it on little is left. */
const LITTLE = 0.8;
const MEGABYTE = 1_000_000;

/** In megabytes, of which the last tenth is not rounded away: it is used. */
function megabytes(bytes: number, style: "decimal" | "unit"): string {
  const value = Math.ceil((bytes / MEGABYTE) * 10) / 10;
  return new Intl.NumberFormat(locale, { style, unit: "megabyte" }).format(value);
}

export function Storage() {
  const storage = useSignal<Me["storage"] | null>(null);
  useEffect(() => {
    // Of a first visitor nothing is kept, and no token is asked for before it is needed. Not knowing is no reason to bother anybody.
    if (hasToken())
      requestJson<Me>("/me").then(
        (me) => (storage.value = me.storage),
        () => undefined,
      );
  }, []);
  if (!storage.value) return null;
  const { used, limit } = storage.value;
  if (limit === null) return <p>{words.storageOf(megabytes(used, "unit"))}</p>;
  return (
    <div class="settings-storage">
      <p>{words.storage(megabytes(used, "decimal"), megabytes(limit, "unit"))}</p>
      {used >= limit * LITTLE && <p class="hint">{words.littleRoom}</p>}
    </div>
  );
}
