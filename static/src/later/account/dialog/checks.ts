/** What is wrong with what was typed, before it is sent. */
import { characters } from "../../../text/characters.ts";
import type { Credentials, Way } from "./entering.ts";
import { words } from "./strings.ts";

/** Characters that a new password has at least (OWASP ASVS 6.2.1); the server never sees one, so nobody else can say so. */
const LEAST = 8;

export type Wrong = Partial<Record<keyof Credentials, string>>;

/** What is wrong with a new password; `email`: what it must not be. */
export function wrongPassword(email: string, password: string): string | undefined {
  if (password === "") return words.noPassword;
  if (characters(password) < LEAST) return words.shortPassword;
  return password.trim().toLowerCase() === email.trim().toLowerCase() ? words.namedPassword : undefined;
}

export const isAddress = (email: string) => /^\S+@\S+$/.test(email.trim());

export function wrongIn(way: Way, { email, password, code }: Credentials): Wrong {
  const wrong: Wrong = {};
  if (!isAddress(email)) wrong.email = words.noEmail;
  const isWrong = way === "signIn" ? password === "" && words.noPassword : wrongPassword(email, password);
  if (isWrong) wrong.password = isWrong;
  // As the server reads it: in any spelling.
  if (way === "reset" && !/^[\da-f]{32}$/i.test(code.replace(/[\s-]/g, ""))) wrong.code = words.noCode;
  return wrong;
}
