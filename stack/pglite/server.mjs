// Postgres in WebAssembly (PGlite) behind the Postgres wire protocol, for the local stack.
//
//   PGLITE_PASSWORD=… node server.mjs DATA_DIR
//
// Owns DATA_DIR, listens on a free port of 127.0.0.1 and prints one JSON line, {"ready":true,"port":…,"version":"…"}. It ends
// cleanly at SIGTERM, at SIGINT, and when its standard input closes, so that it never outlives the process that started it.
//
// PGlite is one session of Postgres. Connections take turns, from one message up to the ReadyForQuery that says "idle", so a
// transaction is never interleaved, and neither is a Parse with another client's Bind. The package pglite-socket (0.2.17) takes turns
// by the single message, and stands still for good after one failed call; hence this server.

import { createServer } from 'node:net'
import { timingSafeEqual } from 'node:crypto'
import { Worker } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { fatal, isCopyIn, message, Messages, query, ReadyWatch, startupParameters, text, withStatementPrefix } from './messages.mjs'

const SSL_REQUEST = 80877103
const GSS_REQUEST = 80877104
const CANCEL_REQUEST = 80877102
const PROTOCOL_3 = 196608
const DATABASE = 'postgres'
/** What `DISCARD ALL` does, without dropping the statements of the other connections. */
const RESET_SHARED = 'RESET ALL; CLOSE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all(); DISCARD TEMP; DISCARD SEQUENCES'
/** A unit of work ends with one of: Query, Sync, Flush, CopyDone, CopyFail, FunctionCall. */
const UNIT_ENDS = new Set(['Q', 'S', 'H', 'c', 'f', 'F'])

const [dataDir] = process.argv.slice(2)
const password = process.env.PGLITE_PASSWORD ?? ''
if (!dataDir) {
  console.error('usage: PGLITE_PASSWORD=… node server.mjs DATA_DIR')
  process.exit(2)
}

// A WebAssembly call that never returns would also keep the handlers below from running: a second thread looks after the parent.
const parent = process.ppid
new Worker(
  `const gone = () => process.ppid !== ${parent}
   setInterval(() => gone() && setTimeout(() => process.kill(process.pid, 'SIGKILL'), 10_000), 1_000)`,
  { eval: true },
).unref()

const db = await PGlite.create({ dataDir })
const sessions = new Set()
let lastId = 0

/** Who may talk to Postgres now, and who waits, in order of arrival. */
const turn = {
  holder: null,
  waiting: [],
  take(session) {
    if (this.holder === session) return Promise.resolve()
    if (this.holder === null) {
      this.holder = session
      return Promise.resolve()
    }
    return new Promise((resolve) => this.waiting.push({ session, resolve }))
  },
  give() {
    const next = this.waiting.shift()
    this.holder = next?.session ?? null
    next?.resolve()
  },
}

/** Runs whole messages; every piece of the answer goes to `onData` at once. The status after it: I, T, E, or null. */
async function run(bytes, onData) {
  const watch = new ReadyWatch()
  await db.runExclusive(() =>
    db.execProtocolRawStream(bytes, {
      onRawData: (data) => {
        watch.see(data)
        onData?.(data)
      },
    }),
  )
  return watch.status
}

/** What Postgres says about itself when a session starts; the same for every connection. */
const greeting = await (async () => {
  const body = Buffer.concat([text('user'), text('postgres'), text('database'), text(DATABASE), Buffer.from([0])])
  const startup = Buffer.alloc(8)
  startup.writeInt32BE(body.length + 8, 0)
  startup.writeInt32BE(PROTOCOL_3, 4)
  const answer = new Messages()
  await run(Buffer.concat([startup, body]), (data) => answer.push(Buffer.from(data)))
  const kept = []
  for (let next = answer.typed(); next !== null; next = answer.typed()) if (next[0] === 0x53) kept.push(next)
  return Buffer.concat(kept)
})()

class Session {
  id = ++lastId
  names = new Set()
  #socket
  #input = new Messages()
  #unit = []
  #stage = 'startup'
  #working = false
  #skipping = false
  #status = 'I'
  #closed = false

  constructor(socket) {
    this.#socket = socket
    socket.setNoDelay(true)
    socket.on('data', (bytes) => {
      this.#input.push(bytes)
      void this.#work()
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.#closed = true
      void this.#work()
    })
  }

  end() {
    this.#socket.end(fatal('57P01', 'terminating connection due to administrator command'))
  }

  /** One loop at a time per connection: what arrives while it awaits is picked up by the same loop. */
  async #work() {
    if (this.#working) return
    this.#working = true
    try {
      while (!this.#closed && (await this.#step()));
      if (this.#closed) await this.#leave()
    } catch (error) {
      console.error(`connection ${this.id}: ${error.stack ?? error}`)
      this.#socket.destroy()
    } finally {
      this.#working = false
    }
    if (this.#closed && sessions.has(this)) await this.#leave()
  }

  async #step() {
    if (this.#stage === 'startup') return this.#startup()
    const next = this.#input.typed()
    if (next === null) return false
    const type = String.fromCharCode(next[0])
    if (this.#stage === 'password') {
      this.#password(next)
      return true
    }
    if (type === 'X') {
      this.#socket.end()
      return false
    }
    if (isCopyIn(next)) {
      // PGlite has no way to wait for data in the middle of a statement, and never comes back from it.
      this.#refuseCopy(type)
      return true
    }
    if (this.#skipping) {
      this.#skipping = type !== 'S'
      if (this.#skipping) return true
    }
    this.#unit.push(withStatementPrefix(next, `c${this.id}_`, this.names))
    if (!UNIT_ENDS.has(type)) return true
    const unit = this.#unit.length === 1 ? this.#unit[0] : Buffer.concat(this.#unit)
    this.#unit = []
    await this.#runUnit(type === 'Q' ? this.#shared(unit) : unit)
    return true
  }

  #refuseCopy(type) {
    this.#unit = []
    const words = 'COPY FROM STDIN is not supported by the embedded database'
    const error = message('E', text('SERROR'), text('VERROR'), text('C0A000'), text(`M${words}`), Buffer.from([0]))
    this.#socket.write(type === 'Q' ? Buffer.concat([error, message('Z', Buffer.from(this.#status))]) : error)
    this.#skipping = type !== 'Q' // after an error, everything up to Sync is skipped
  }

  #startup() {
    const next = this.#input.untyped()
    if (next === null) return false
    const code = next.readInt32BE(4)
    if (code === SSL_REQUEST || code === GSS_REQUEST) {
      this.#socket.write('N')
    } else if (code === CANCEL_REQUEST) {
      this.#socket.end() // a running WebAssembly call cannot be interrupted
    } else if (code === PROTOCOL_3) {
      const { user, database = user } = startupParameters(next)
      if (database !== DATABASE) {
        this.#socket.end(fatal('3D000', `database "${database}" does not exist`))
        return false
      }
      this.user = user
      this.#stage = 'password'
      this.#socket.write(message('R', Buffer.from([0, 0, 0, 3])))
    } else {
      this.#socket.end(fatal('0A000', 'unsupported frontend protocol'))
    }
    return true
  }

  #password(next) {
    const given = next.subarray(5, -1)
    const wanted = Buffer.from(password)
    if (next[0] !== 0x70 || given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
      this.#socket.end(fatal('28P01', `password authentication failed for user "${this.user}"`))
      return
    }
    this.#stage = 'ready'
    const key = Buffer.alloc(8)
    key.writeInt32BE(this.id, 0)
    this.#socket.write(
      Buffer.concat([message('R', Buffer.alloc(4)), greeting, message('K', key), message('Z', Buffer.from('I'))]),
    )
  }

  /** `DISCARD ALL` must not take other clients' prepared statements away. */
  #shared(unit) {
    if (!/^\s*discard\s+all\s*;?\s*$/i.test(unit.subarray(5, -1).toString('utf8'))) return unit
    const others = [...sessions].some((session) => session !== this && session.names.size > 0)
    if (!others) {
      this.names.clear()
      return unit
    }
    return query(RESET_SHARED)
  }

  async #runUnit(unit) {
    await turn.take(this)
    let status = null
    try {
      if (this.#closed) return
      status = await run(unit, (data) => this.#socket.write(Buffer.from(data)))
    } catch (error) {
      this.#socket.destroy()
      throw error
    } finally {
      // Kept while a transaction is open or an answer is not complete; `#leave` gives it up for a lost client.
      if (status !== null) this.#status = status
      if (status === 'I') turn.give()
    }
  }

  /** The client is gone: undo what it left open, so that the next one finds the session as new. */
  async #leave() {
    if (!sessions.delete(this)) return
    turn.waiting = turn.waiting.filter((entry) => entry.session !== this)
    const held = turn.holder === this
    if (!held && this.names.size === 0) return
    await turn.take(this)
    try {
      if (held) await run(query('ROLLBACK'))
      const closes = [...this.names].map((name) => message('C', Buffer.from('S'), text(name)))
      if (closes.length > 0) await run(Buffer.concat([...closes, message('S')]))
      await run(query('SELECT pg_advisory_unlock_all(); RESET ALL'))
    } finally {
      turn.give()
    }
  }
}

const server = createServer((socket) => sessions.add(new Session(socket)))
let stopping = false

async function stop() {
  if (stopping) return
  stopping = true
  server.close()
  for (const session of sessions) session.end()
  await db.close()
  process.exit(0)
}

process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.stdin.on('end', stop).on('close', stop).on('error', stop).resume()

const { rows } = await db.query('SHOW server_version')
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ ready: true, port: server.address().port, version: rows[0].server_version })}\n`)
})
