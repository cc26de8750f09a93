/** Small strings kept in this browser, or in this tab only. Where storage is forbidden or full the page works on, only forgetful. */

type Place = "browser" | "tab";

export function load(key: string, place: Place = "browser"): string | null {
  try {
    return storage(place).getItem(`edgewise.${key}`);
  } catch {
    return null;
  }
}

/** Keeps `value` under `key`; null removes it. */
export function store(key: string, value: string | null, place: Place = "browser"): void {
  try {
    if (value === null) storage(place).removeItem(`edgewise.${key}`);
    else storage(place).setItem(`edgewise.${key}`, value);
  } catch {
    // Not kept.
  }
}

/** Whether this browser keeps anything for us. */
export function isKept(): boolean {
  store("probe", "1");
  const found = load("probe");
  store("probe", null);
  return found !== null;
}

/** Calls back when another tab has stored or removed something under a key that begins with `prefix`; `key` is the rest of it. */
export function onOtherTab(prefix: string, react: (key: string, value: string | null) => void): void {
  addEventListener("storage", ({ key, newValue }) => {
    if (key?.startsWith(`edgewise.${prefix}`)) react(key.slice(9 + prefix.length), newValue);
  });
}

function storage(place: Place): Storage {
  return place === "tab" ? sessionStorage : localStorage;
}
