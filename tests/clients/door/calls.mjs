// Calls of the clients, wherever these are: in this process, in Python, or in a browser's page of another origin.
// A call is { ended, begun(), leave() }: what came of it, a wait for its first words, and its caller's leaving.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { carryOut } from './adapters.mjs'

const beside = (name) => fileURLToPath(new URL(name, import.meta.url))

function callOf(start) {
  let heard
  const first = new Promise((resolve) => (heard = resolve))
  const { ended, leave } = start(heard)
  const begun = () => Promise.race([first, ended.then((told) => assert.fail(`it ended before it began: ${JSON.stringify(told)}`))])
  return { ended, leave, begun }
}

/** A client in this process. */
export const here = (client) => (call) =>
  callOf((heard) => {
    const leaving = new AbortController()
    return { ended: carryOut({ client, ...call }, heard, leaving.signal), leave: () => leaving.abort() }
  })

/** Clients behind a line: `tell` sends them a call; `hear` is what they say, and `lost` that they say nothing any more. */
function afar(tell) {
  const calls = []
  return {
    client: (client) => (call) =>
      callOf((heard) => {
        const number = calls.length
        const ended = new Promise((end, fail) => calls.push({ heard, end, fail }))
        tell({ number, client, ...call })
        return { ended, leave: () => tell({ number, leave: true }) }
      }),
    hear({ number, ended }) {
      if (ended) calls[number].end(ended)
      else calls[number].heard()
    },
    lost(words) {
      for (const { fail } of calls) fail(new Error(words))
    },
  }
}

/** OpenAI's client of Python: `client.py`. */
export function python() {
  const program = process.env.CLIENTS_PYTHON
  if (!program) throw new Error('CLIENTS_PYTHON is not set: cargo xtask test sets it')
  const child = spawn(program, ['-I', beside('client.py')], { stdio: ['pipe', 'pipe', 'inherit'] })
  const line = afar((call) => child.stdin.write(`${JSON.stringify(call)}\n`))
  createInterface(child.stdout).on('line', (told) => line.hear(JSON.parse(told)))
  const ended = once(child, 'close').then(() => line.lost('Python has ended'))
  const stop = async () => {
    child.stdin.end()
    await ended
  }
  return { client: line.client('openai'), stop }
}

/** A page with the clients, of an origin of its own; `open` opens it in Chromium. */
export async function chromium() {
  const bundle = await rolldown({ input: beside('browser.page.mjs'), platform: 'browser', logLevel: 'silent' })
  const [{ code: script }] = (await bundle.generate({ format: 'esm', codeSplitting: false })).output
  let calls
  const line = afar((call) => calls.write(`data: ${JSON.stringify(call)}\n\n`))
  let isOpen
  const opened = new Promise((resolve) => (isOpen = resolve))
  const site = createServer(async (request, response) => {
    if (request.url === '/calls') {
      calls = response.writeHead(200, { 'content-type': 'text/event-stream' })
      calls.flushHeaders()
      return isOpen()
    }
    if (request.method === 'POST') line.hear(JSON.parse(await text(request)))
    const [kind, body] = request.url === '/page.mjs' ? ['text/javascript', script] : ['text/html', '<!doctype html><title>x</title><script type="module" src="/page.mjs"></script>']
    response.writeHead(200, { 'content-type': kind }).end(request.method === 'GET' ? body : '')
  })
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  const origin = `http://127.0.0.1:${site.address().port}`
  const profile = await mkdtemp(join(tmpdir(), 'edgewise-browser-'))
  let stop = async () => {}

  async function open() {
    const words = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', `--user-data-dir=${profile}`, `${origin}/`]
    const browser = spawn(process.env.CHROMIUM ?? '/usr/bin/chromium', words, { stdio: ['ignore', 'ignore', 'pipe'] })
    const shown = text(browser.stderr)
    const ended = once(browser, 'close').then(async () => line.lost(`the browser ended: ${await shown}`))
    stop = async () => {
      browser.kill()
      await ended
    }
    await Promise.race([opened, ended.then(async () => assert.fail(`the browser ended: ${await shown}`))])
  }

  return {
    origin,
    open,
    client: line.client,
    async stop() {
      await stop().catch(() => {})
      site.closeAllConnections()
      site.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}
