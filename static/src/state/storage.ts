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
    // Forgetful it is.
  }
}

function storage(place: Place): Storage {
  return place === "tab" ? sessionStorage : localStorage;
}
