/** Promises of a link's host: it is shown unless the text is the address, and it is the one the browser would ask. */
import { describe, expect, test } from "vitest";
import "./loaded.ts";
import { sanitize } from "./sanitize.ts";

function host(href: string, text: string): string | undefined {
  const block = sanitize(`<p><a href="${href}" target="_blank">${text}</a></p>`);
  return block.querySelector("a")?.dataset.host;
}

describe("a link", () => {
  test.each([
    ["https://example.com/a", "the manual", "example.com"],
    ["https://www.example.com:8080/a", "the manual", "example.com:8080"],
    ["https://evil.example/", "example.com", "evil.example"],
    ["https://example.com@evil.example/", "https://example.com", "evil.example"],
    ["https://evil.example\\@example.com/", "example.com", "evil.example"],
    ["https://example.com.evil.example/", "https://example.com", "example.com.evil.example"],
    ["https://evil.example/example.com/", "example.com/", "evil.example"],
    ["https://ex\u0430mple.com/", "ex\u0430mple.com", "xn--exmple-4nf.com"],
    ["https://example.com/a", "example.com/b", "example.com"],
    ["mailto:me@example.com", "write to me", "me@example.com"],
  ])("to %s says so beside “%s”", (href, text, expected) => {
    expect(host(href, text)).toBe(expected);
  });

  test.each([
    ["https://example.com/a", "https://example.com/a"],
    ["https://example.com/a?b", "example.com/a"],
    ["https://www.example.com/", "example.com"],
    ["https://example.com", "EXAMPLE.com".toLowerCase()],
    ["mailto:me@example.com", "me@example.com"],
  ])("to %s says nothing beside “%s”", (href, text) => {
    expect(host(href, text)).toBeUndefined();
  });

  test("to a footnote says nothing", () => {
    const block = sanitize('<p><a href="#fn-m-1">1</a></p>');
    expect(block.querySelector("a")?.dataset.host).toBeUndefined();
  });
});
