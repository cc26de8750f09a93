/** Tables of words, each a room's: in English as they are written, in another language from the moment on in which that is here. */
type Table = Record<string, unknown>;

const tables: Record<string, Table> = {};
const others: Record<string, Table> = {};

/** Makes `words` the words of `room`, which is named by its folder. What they say is looked up when it is said: nobody keeps a copy of a text. */
export function told<T extends object>(room: string, words: T): T {
  put((tables[room] = words as Table), others[room]);
  return words;
}

/** Puts other words in place of those of some rooms, also of rooms that are loaded later. */
export function translate(words: object): void {
  for (const [room, table] of Object.entries(words) as [string, Table][]) put(tables[room], (others[room] = table));
}

function put(table: Table | undefined, others: Table | undefined): void {
  if (table)
    for (const [name, other] of Object.entries(others ?? {}))
      if (typeof other === "object" && !Array.isArray(other)) put(table[name] as Table, other as Table);
      else table[name] = other;
}

let account: (() => Promise<{ words: object }>) | undefined;

/** Keeps how the words of the account's dialog are loaded, which few want. */
export function onAccount(load: typeof account): void {
  account = load;
}

/** Loads them, if there are others than English ones. */
export async function accountWords(): Promise<void> {
  if (account) translate((await account()).words);
}
