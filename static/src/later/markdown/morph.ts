/** Makes one DOM tree equal to another while keeping every node that can stay: a selection in it survives, and growing
 * text costs one `appendData` instead of a new block. */
export function morph(from: Element, to: Element): void {
  copyAttributes(from, to);
  const wanted = [...to.childNodes];
  wanted.forEach((next, index) => {
    const present = from.childNodes[index];
    if (!present) from.append(next);
    else if (present instanceof Text && next instanceof Text) copyText(present, next.data);
    // A formula is kept as it is or replaced: its styles could not be copied under the page's Content-Security-Policy.
    else if (next.nodeName === "math" && present.isEqualNode(next)) return;
    else if (
      next.nodeName !== "math" &&
      present instanceof Element &&
      next instanceof Element &&
      present.nodeName === next.nodeName
    )
      morph(present, next);
    else present.replaceWith(next);
  });
  while (from.childNodes.length > wanted.length) from.lastChild?.remove();
}

function copyText(text: Text, data: string): void {
  if (data === text.data) return;
  if (data.startsWith(text.data)) text.appendData(data.slice(text.data.length));
  else text.data = data;
}

function copyAttributes(from: Element, to: Element): void {
  for (const { name } of [...from.attributes]) {
    // What the reader has unfolded stays so.
    if (!to.hasAttribute(name) && name !== "open") from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}
