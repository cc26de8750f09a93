// The table: what each client shows, each against the same served Edgewise, in Node, in Python and in Chromium on another origin.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { serve } from '../served.mjs'
import { chromium, here, python } from './calls.mjs'
import { ALL_OF_IT, BUDGET_USD, age, apiKey, guest, spend } from './circumstances.mjs'
import { leftByReader, model, scenario } from './guest.mjs'

const SHORT = { chunks: 3, chunk_text: 'w{i} ', pace_ms: 0, usage: true }
const TEXT = 'w0 w1 w2 '

/** Longer than the model can read. The server under test would hold back a body of more than 56 KiB for 5 s. */
const TOO_LONG = 'word '.repeat(10_000)

/** Longer than it takes to revoke a key and to be refused. */
const SLOW = { chunks: 120, chunk_text: 'w{i} ', pace_ms: 100, usage: true }
const SLOW_TEXT = [...Array(120).keys()].map((i) => `w${i} `).join('')

/** Within which who gives up at once has done so, in milliseconds, though all ask at once. */
const AT_ONCE = 10_000

/** Within which a client ends that tries three times whatever it is told. */
const SOON = 30_000

let server
let page
let snake

/** The calls of somebody by a client. */
const visitor = (client, key) => (task, words, more) => client()({ base: `${server.address}/v1`, key, model, task, words, ...more })

/** A new guest's. */
async function guestOf(client) {
  const { id, key } = await guest(server.address)
  return { id, ask: visitor(client, key) }
}

/** How long a call took, and what came of it. */
async function timed(call) {
  const began = performance.now()
  const told = await call.ended
  return { ...told, took: performance.now() - began, shown: JSON.stringify(told) }
}

const cases = {
  async 'waits for a used-up minute, and gives up on a used-up day'({ client, tries }) {
    const { id, ask } = await guestOf(client)
    const words = await scenario(SHORT)
    for (const _ of [1, 2]) assert.equal((await ask('whole', words).ended).text, TEXT)
    await age(id, 50)
    const waited = await timed(ask('whole', words))
    assert.deepEqual([waited.text, waited.statuses], [TEXT, [429, 200]], `once, as long as it was told to: ${waited.shown}`)
    const refused = await timed(ask('whole', words))
    assert.deepEqual([refused.error?.code, refused.statuses], ['insufficient_quota', Array(tries).fill(429)], refused.shown)
    assert.ok(refused.took < (tries === 1 ? AT_ONCE : SOON), `${refused.took} ms`)
  },

  async 'is refused with a key that is revoked while it reads, and reads to the end'({ client }) {
    const { key, revoke } = await apiKey(server.address)
    const ask = visitor(client, key)
    const running = ask('stream', await scenario(SLOW))
    await running.begun()
    await revoke()
    const refused = await ask('whole', await scenario(SHORT)).ended
    const isOver = await Promise.race([running.ended, Promise.resolve()])
    assert.equal(isOver, undefined, 'it was refused while it read')
    assert.deepEqual([refused.error?.status, refused.error?.code, refused.statuses], [401, 'invalid_api_key', [401]], JSON.stringify(refused))
    const whole = await running.ended
    assert.equal(whole.text, SLOW_TEXT, JSON.stringify(whole))
  },

  async 'lists the models'({ client }) {
    const { ask } = await guestOf(client)
    const { models } = await ask('models').ended
    assert.ok(models.includes(model), models)
  },

  async 'answers whole, and as a stream with its usage'({ client }) {
    const { ask } = await guestOf(client)
    const words = await scenario(SHORT)
    for (const task of ['whole', 'stream']) {
      const { text, usage, error } = await ask(task, words).ended
      assert.deepEqual([text, usage > 0], [TEXT, true], JSON.stringify({ task, error }))
    }
  },

  async 'answers by the Responses API'({ client }) {
    const { ask } = await guestOf(client)
    const { text, whole, usage, error } = await ask('responses', await scenario(SHORT)).ended
    assert.deepEqual([text, whole, usage > 0], [TEXT, TEXT, true], JSON.stringify(error))
  },

  async 'leaves a stream, and the model is closed'({ client }) {
    const { ask } = await guestOf(client)
    const words = await scenario({ chunks: 5000, chunk_text: 'w{i} ', pace_ms: 20 })
    const stream = ask('stream', words)
    await stream.begun()
    stream.leave()
    await leftByReader(words)
    await stream.ended
  },

  async 'is told of a stream that breaks off'({ client }) {
    const { ask } = await guestOf(client)
    const { error } = await ask('stream', await scenario({ chunks: 40, chunk_text: 'w{i} ', pace_ms: 1, close_at: 5 })).ended
    assert.match(error?.words ?? '', /The answer broke off/)
  },

  async 'reads what is wrong, and gives up at once'({ client }) {
    const { ask } = await guestOf(client)
    for (const [status, code, call] of [
      [401, 'invalid_api_key', ask('whole', 'x', { key: 'no key' })],
      [404, 'model_not_found', ask('whole', 'x', { model: 'none' })],
      [413, 'context_length_exceeded', ask('whole', TOO_LONG)],
    ]) {
      const { error, statuses, took, shown } = await timed(call)
      assert.deepEqual([error?.status, error?.code, statuses], [status, code, [status]], shown)
      assert.ok(took < AT_ONCE, `${took} ms`)
    }
  },
}

/** Neither of them has a call for the models. */
const NO_MODELS = ['lists the models']

/** The AI SDK's provider speaks completions alone. Of a refusal it reads the status alone, and tries twice more within seconds. */
const AI_SDK = { without: [...NO_MODELS, 'answers by the Responses API'], tries: 3 }

/** In a browser the others are as openai 7 is: what CORS lets through is enough for them. */
const IN_SHORT = { without: Object.keys(cases).filter((name) => !['answers whole, and as a stream with its usage', 'reads what is wrong, and gives up at once'].includes(name)) }

const clients = Object.entries({
  'openai 6': { client: () => here('openai 6') },
  'openai 7': { client: () => here('openai 7') },
  'openai of Python': { client: () => snake.client },
  LangChain: { client: () => here('LangChain'), without: NO_MODELS },
  'AI SDK': { client: () => here('AI SDK'), ...AI_SDK },
  'openai 7 in Chromium': { client: () => page.client('openai 7') },
  'openai 6 in Chromium': { client: () => page.client('openai 6'), ...IN_SHORT },
  'LangChain in Chromium': { client: () => page.client('LangChain'), ...IN_SHORT },
  'AI SDK in Chromium': { client: () => page.client('AI SDK'), ...IN_SHORT },
}).map(([name, { client, without = [], tries = 1 }]) => ({ name, client, without, tries }))

describe('the clients', () => {
  before(async () => {
    snake = python()
    page = await chromium()
    server = await serve({
      CORS_ORIGINS: page.origin,
      CHAT_RATE_LIMIT_PER_MINUTE: '2',
      CHAT_DAILY_MESSAGE_QUOTA: '3',
      CHAT_DAILY_BUDGET_USD: String(BUDGET_USD),
      ACCOUNTS_ENABLED: 'true',
      ACCOUNTS_PEPPER: 'the pepper of the official clients',
      // An address that nobody has signed up from.
      JWT_SECRET: 'the secret of the official clients, 32 bytes long and more',
    })
    await page.open()
  })
  after(() => Promise.all([snake, page, server].map((one) => one?.stop())))

  // At once as many as wait for their minutes, and some more.
  describe('side by side', { concurrency: 12 }, () => {
    for (const [what, show] of Object.entries(cases)) {
      for (const each of clients.filter(({ without }) => !without.includes(what))) test(`${each.name}: ${what}`, { timeout: 60_000 }, () => show(each))
    }
  })

  // After the others: it is everybody's money.
  test('none of them hangs when the money is used up', { timeout: 60_000 }, async () => {
    const asking = await Promise.all(
      clients
        .filter(({ without }) => without !== IN_SHORT.without)
        .map(async ({ name, client, tries }) => {
          const { ask } = await guestOf(client)
          assert.equal((await ask('whole', await scenario(SHORT)).ended).text, TEXT)
          return { name, tries, call: () => ask('whole', 'x') }
        }),
    )
    await spend(ALL_OF_IT)
    try {
      await Promise.all(
        asking.map(async ({ name, tries, call }) => {
          const { error, statuses, took, shown } = await timed(call())
          assert.deepEqual([error?.code, statuses], ['insufficient_quota', Array(tries).fill(503)], `${name}: ${shown}`)
          assert.ok(took < (tries === 1 ? AT_ONCE : SOON), `${name}: ${took} ms`)
        }),
      )
    } finally {
      await spend(-ALL_OF_IT)
    }
  })
})
