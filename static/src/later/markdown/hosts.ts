/**
 * Where a link leads, for those whose text does not say it. The browser's own reading of the address, so that no trick with
 * an `@`, a backslash or look-alike letters shows another host than the one that would be asked.
 */
export function nameHosts(block: Element): void {
  for (const link of block.querySelectorAll<HTMLAnchorElement>("a[target]")) {
    const host = link.protocol === "mailto:" ? decoded(link.pathname) : link.host.replace(/^www\./, "");
    // Shown by the style sheet: it is no part of the text, and is not copied with it.
    if (host && !saysWhere(link, host)) link.dataset.host = host;
  }
}

/** Whether the text is the address, or the start of it with the whole host. */
function saysWhere(link: HTMLAnchorElement, host: string): boolean {
  const text = bare(link.textContent);
  return text === host || (text.startsWith(`${host}/`) && bare(link.href).startsWith(text.replace(/…$/, "")));
}

function bare(address: string): string {
  return address
    .trim()
    .replace(/^(?:https?:\/\/|mailto:)(?:www\.)?/i, "")
    .replace(/\/$/, "");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
