/** What is wrong with what was typed is said before anything is sent. */
import { expect, test } from "vitest";
import { wrongIn } from "./checks.ts";
import { words } from "./strings.ts";

const fine = {
  email: "name@example.org",
  password: "a long enough one",
  code: "0123-4567-89ab-cdef-0123-4567-89AB-CDEF",
};

test("what is fine has nothing wrong", () => {
  for (const way of ["signIn", "signUp", "reset"] as const) expect(wrongIn(way, fine)).toEqual({});
});

test("a name is an address", () => {
  for (const email of ["", "name", "name@", "@example.org", "two words@example.org"])
    expect(wrongIn("signIn", { ...fine, email }).email, email).toBe(words.noEmail);
});

test("a new password has eight characters, counted as people do, and is not the name; an old one may be anything", () => {
  const wrong = (way: "signIn" | "signUp" | "reset", password: string) => wrongIn(way, { ...fine, password }).password;
  expect(wrong("signUp", "1234567")).toBe(words.shortPassword);
  expect(wrong("signUp", "🔑🔑🔑🔑")).toBe(words.shortPassword);
  expect(wrong("reset", "密码密码密码密码")).toBeUndefined();
  expect(wrong("signUp", "Name@Example.org")).toBe(words.namedPassword);
  expect(wrong("signIn", "short")).toBeUndefined();
  expect(wrong("signIn", "")).toBe(words.noPassword);
});

test("a code is taken in any spelling, and asked for only where it counts", () => {
  const wrong = (code: string) => wrongIn("reset", { ...fine, code }).code;
  expect(wrong(" 0123 4567 89ab cdef 0123456789ABCDEF ")).toBeUndefined();
  for (const code of ["", "0123", `${fine.code}0`, fine.code.replace("a", "g")]) expect(wrong(code)).toBe(words.noCode);
  expect(wrongIn("signIn", { ...fine, code: "" })).toEqual({});
});
