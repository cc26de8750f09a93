/** What is wrong with what was typed, before it is sent. */
import { characters } from "../../../text/characters.ts";
import type { Credentials, Way } from "./entering.ts";
import { words } from "./strings.ts";

/** Characters that a new password has at least (OWASP ASVS 6.2.1); the server never sees one, so nobody else can say so. */
const LEAST = 8;

export type Wrong = Partial<Record<keyof Credentials, string>>;

export function wrongIn(way: Way, { email, password, code }: Credentials): Wrong {
  const wrong: Wrong = {};
  if (!/^\S+@\S+$/.test(email.trim())) wrong.email = words.noEmail;
  if (password === "") wrong.password = words.noPassword;
  else if (way !== "signIn") {
    if (characters(password) < LEAST) wrong.password = words.shortPassword;
    else if (password.trim().toLowerCase() === email.trim().toLowerCase()) wrong.password = words.namedPassword;
  }
  // As the server reads it: in any spelling.
  if (way === "reset" && !/^[\da-f]{32}$/i.test(code.replace(/[\s-]/g, ""))) wrong.code = words.noCode;
  return wrong;
}
