/**
 * What a language has to say, in four files of at most 6 kB each: what the page says at once and once the browser is idle, what is
 * said by what somebody opens, in two of them, and what the dialog of accounts says. A room's words are of the type of its English ones, so one that is missing is an error of the compiler.
 */
import type { strings } from "../first/strings.ts";
import type { words as account } from "../later/account/dialog/strings.ts";
import type { words as keys } from "../later/account/dialog/keys/strings.ts";
import type { words as passkeys } from "../later/account/dialog/passkeys/strings.ts";
import type { words as providers } from "../later/account/dialog/providers/strings.ts";
import type { words as entry } from "../later/account/entry/strings.ts";
import type { words as aloud } from "../later/aloud/strings.ts";
import type { words as aside } from "../later/aside/strings.ts";
import type { words as attachments } from "../later/attachments/strings.ts";
import type { words as code } from "../later/code/strings.ts";
import type { words as context } from "../later/context/strings.ts";
import type { words as dictate } from "../later/dictate/strings.ts";
import type { words as exported } from "../later/export/strings.ts";
import type { words as feedback } from "../later/feedback/strings.ts";
import type { words as goOn } from "../later/goOn/strings.ts";
import type { words as imported } from "../later/import/strings.ts";
import type { words as markdown } from "../later/markdown/strings.ts";
import type { words as models } from "../later/models/strings.ts";
import type { words as printing } from "../later/printing/strings.ts";
import type { words as problems } from "../later/problems/strings.ts";
import type { words as search } from "../later/search/dialog/strings.ts";
import type { words as searchEntry } from "../later/search/entry/strings.ts";
import type { words as session } from "../later/session/strings.ts";
import type { words as settings } from "../later/settings/strings.ts";
import type { words as share } from "../later/share/strings.ts";
import type { words as shortcuts } from "../later/shortcuts/strings.ts";
import type { words as take } from "../later/take/strings.ts";
import type { words as temporary } from "../later/temporary/strings.ts";
import type { words as textOnly } from "../later/textOnly/strings.ts";
import type { words as unsent } from "../later/unsent/strings.ts";

export interface First {
  words: FirstWords;
  /** Has the other files loaded: two of them now, either without the other if need be, and the account's by `onAccount`. */
  later: (
    put: <T extends Later | More>(load: () => Promise<T>) => Promise<T>,
    onAccount: (load: () => Promise<Account>) => void,
  ) => Promise<[PromiseSettledResult<Later>, PromiseSettledResult<More>]>;
}

export interface Later {
  words: LaterWords;
}

export interface More {
  words: MoreWords;
}

export interface Account {
  words: AccountWords;
}

export interface FirstWords {
  first: Omit<typeof strings, "product">;
  "account/entry": typeof entry;
  aside: typeof aside;
  code: typeof code;
  feedback: typeof feedback;
  markdown: typeof markdown;
  "search/entry": typeof searchEntry;
  session: typeof session;
  textOnly: typeof textOnly;
  unsent: typeof unsent;
  printing: typeof printing;
}

export interface LaterWords {
  aloud: typeof aloud;
  attachments: typeof attachments;
  dictate: typeof dictate;
  export: typeof exported;
  models: typeof models;
  problems: typeof problems;
  "search/dialog": typeof search;
  settings: typeof settings;
  share: typeof share;
  shortcuts: typeof shortcuts;
  take: typeof take;
}

export interface MoreWords {
  context: typeof context;
  goOn: typeof goOn;
  import: typeof imported;
  temporary: typeof temporary;
}

export interface AccountWords {
  "account/dialog": typeof account;
  "account/dialog/keys": typeof keys;
  "account/dialog/passkeys": typeof passkeys;
  "account/dialog/providers": typeof providers;
}
