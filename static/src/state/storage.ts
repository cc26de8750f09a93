/** Small strings kept in this browser. Where storage is forbidden or full the page works on, only forgetful. */

export function load(key: string): string | null {
  try {
    return localStorage.getItem(`edgewise.${key}`);
  } catch {
    return null;
  }
}

/** Keeps `value` under `key`; null removes it. */
export function store(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(`edgewise.${key}`);
    else localStorage.setItem(`edgewise.${key}`, value);
  } catch {
    // Forgetful it is.
  }
}
