// The little of the Postgres wire protocol (version 3) that a server in front of one session needs: cutting messages,
// making a few, and renaming prepared statements.

/** One typed message: a type letter, the length, the body. */
export function message(type, ...parts) {
  const body = Buffer.concat(parts)
  const head = Buffer.alloc(5)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}

/** A NUL-terminated string. */
export const text = (value) => Buffer.from(`${value}\0`)

/** A simple query. */
export const query = (sql) => message('Q', text(sql))

/** A fatal error as Postgres words it. */
export function fatal(code, words) {
  return message('E', text('SFATAL'), text('VFATAL'), text(`C${code}`), text(`M${words}`), Buffer.from([0]))
}

/** Takes whole messages off the front of a stream of bytes. */
export class Messages {
  #rest = Buffer.alloc(0)

  push(bytes) {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
  }

  /** The next untyped message (they only come first on a connection), or null. */
  untyped() {
    if (this.#rest.length < 8) return null
    const length = this.#rest.readInt32BE(0)
    if (length < 8 || length > 10_000) throw new Error('malformed startup message')
    if (this.#rest.length < length) return null
    return this.#take(length)
  }

  /** The next typed message, or null. */
  typed() {
    if (this.#rest.length < 5) return null
    const length = this.#rest.readInt32BE(1) + 1
    if (length < 5) throw new Error('malformed message')
    return this.#rest.length < length ? null : this.#take(length)
  }

  #take(length) {
    const taken = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return taken
  }
}

/** Watches a server's answer go by in any pieces and remembers the transaction status of the last ReadyForQuery. */
export class ReadyWatch {
  #head = Buffer.alloc(0)
  #skip = 0
  #isReady = false
  status = null

  see(bytes) {
    let at = 0
    while (at < bytes.length) {
      if (this.#skip > 0) {
        if (this.#isReady) this.status = String.fromCharCode(bytes[at])
        this.#isReady = false
        const step = Math.min(this.#skip, bytes.length - at)
        this.#skip -= step
        at += step
        continue
      }
      const need = 5 - this.#head.length
      this.#head = Buffer.concat([this.#head, bytes.subarray(at, at + need)])
      at += need
      if (this.#head.length < 5) return
      this.#isReady = this.#head[0] === 0x5a
      this.#skip = this.#head.readInt32BE(1) - 4
      this.#head = Buffer.alloc(0)
    }
  }
}

/** `user`, `database` and the like, out of a startup message. */
export function startupParameters(startup) {
  const words = startup.subarray(8).toString('utf8').split('\0')
  const parameters = {}
  for (let i = 0; i + 1 < words.length && words[i] !== ''; i += 2) parameters[words[i]] = words[i + 1]
  return parameters
}

/**
 * Gives a message's named statement the prefix of its connection. All connections share one Postgres session, and so one
 * space of names: without this, the `sqlx_s_1` of two clients would be the same statement.
 */
export function withStatementPrefix(original, prefix, names) {
  const type = String.fromCharCode(original[0])
  const body = original.subarray(5)
  let at
  if (type === 'P') at = 0
  else if (type === 'B') at = body.indexOf(0) + 1
  else if ((type === 'D' || type === 'C') && body[0] === 0x53) at = 1
  else return original
  const end = body.indexOf(0, at)
  if (end === at) return original
  const name = prefix + body.subarray(at, end).toString('utf8')
  if (type === 'P') names.add(name)
  if (type === 'C') names.delete(name)
  return message(type, body.subarray(0, at), Buffer.from(name), body.subarray(end))
}

/** Whether a Query or Parse message asks to take data from the client. */
export function isCopyIn(original) {
  const type = String.fromCharCode(original[0])
  if (type !== 'Q' && type !== 'P') return false
  const body = original.subarray(5)
  const sql = body.toString('utf8', type === 'P' ? body.indexOf(0) + 1 : 0)
  return /^\s*copy\b[^;]*\bfrom\s+stdin\b/i.test(sql)
}
