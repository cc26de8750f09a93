// The official clients of OpenAI's API against a served Edgewise: versions 6 and 7 of `openai`, and the AI SDK.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, streamText } from 'ai'
import OpenAI7 from 'openai'
import OpenAI6 from 'openai-6'
import { unique, url as stack } from '../stack.mjs'

const base = process.env.BASE_URL
if (!base) throw new Error('BASE_URL is not set: cargo xtask test sets it')
const model = 'gpt-oss-120b'

/** Sets what the model does with messages that contain the marker that is given back. */
async function scenario(what) {
  const marker = unique('door')
  const answer = await fetch(`${stack}/control/model`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ match: { contains: marker }, scenario: what }),
  })
  assert.ok(answer.ok, await answer.text())
  return marker
}

/** The token of a new guest is a key. */
async function key() {
  const answer = await fetch(`${base}/api/v1/auth/guest`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  assert.ok(answer.ok, `${answer.status}`)
  return (await answer.json()).token
}

async function failure(promise) {
  return promise.then(
    () => assert.fail('it should have failed'),
    (error) => error,
  )
}

const said = (words) => [{ role: 'user', content: words }]
const short = { chunks: 3, chunk_text: 'w{i} ', pace_ms: 0, usage: true }

for (const [version, OpenAI] of [['6', OpenAI6], ['7', OpenAI7]]) {
  const client = async (options = {}) => new OpenAI({ baseURL: `${base}/v1`, apiKey: await key(), maxRetries: 0, ...options })

  describe(`openai ${version}`, () => {
    test('lists the models and reads one', async () => {
      const openai = await client()
      const ids = []
      for await (const one of openai.models.list()) ids.push(one.id)
      assert.ok(ids.includes(model), ids)
      assert.equal((await openai.models.retrieve(model)).id, model)
    })

    test('answers whole, and as a stream with its usage, the same text', async () => {
      const marker = await scenario(short)
      const openai = await client()
      const { data: whole, response } = await openai.chat.completions.create({ model, messages: said(marker) }).withResponse()
      assert.equal(whole.choices[0].message.content, 'w0 w1 w2 ')
      assert.ok(whole.usage.total_tokens > 0)
      assert.match(response.headers.get('openai-processing-ms'), /^\d+$/)
      const stream = await openai.chat.completions.create({ model, messages: said(marker), stream: true, stream_options: { include_usage: true } })
      let text = ''
      let usage
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? ''
        usage = chunk.usage ?? usage
      }
      assert.deepEqual([text, usage.total_tokens > 0], ['w0 w1 w2 ', true])
    })

    test('leaves a stream', async () => {
      const marker = await scenario({ chunks: 5000, chunk_text: 'w{i} ', pace_ms: 20 })
      const openai = await client()
      const stream = await openai.chat.completions.create({ model, messages: said(marker), stream: true })
      for await (const chunk of stream) {
        assert.ok(chunk.id)
        break
      }
      assert.equal(stream.controller.signal.aborted, true)
    })

    test('reads what is wrong by its own kinds of errors', async () => {
      const openai = await client()
      const wrongKey = await client({ apiKey: 'no key' })
      const ask = (more) => failure(openai.chat.completions.create({ model, messages: said('x'), ...more }))
      const denied = await failure(wrongKey.models.list())
      assert.ok(denied instanceof OpenAI.AuthenticationError)
      assert.equal(denied.code, 'invalid_api_key')
      const unknown = await ask({ model: 'none' })
      assert.ok(unknown instanceof OpenAI.NotFoundError)
      assert.equal(unknown.code, 'model_not_found')
      const tools = await ask({ tools: [{ type: 'function', function: { name: 'f' } }] })
      assert.ok(tools instanceof OpenAI.BadRequestError)
      assert.deepEqual([tools.code, tools.param], ['unsupported_parameter', 'tools'])
      const long = await ask({ messages: said('word '.repeat(12_000)) })
      assert.deepEqual([long.status, long.code], [413, 'context_length_exceeded'])
    })

    test('is told of a stream that breaks off', async () => {
      const marker = await scenario({ chunks: 40, chunk_text: 'w{i} ', pace_ms: 1, close_at: 5 })
      const openai = await client()
      const stream = await openai.chat.completions.create({ model, messages: said(marker), stream: true })
      const error = await failure(
        (async () => {
          for await (const chunk of stream) assert.ok(chunk.choices)
        })(),
      )
      assert.ok(error instanceof OpenAI.APIError, error.stack)
      assert.equal(error.code, 'provider_error')
    })

    test('gives up at once where a repeat is of no use', async () => {
      const openai = await client({ maxRetries: 5, apiKey: 'no key' })
      const began = performance.now()
      const error = await failure(openai.chat.completions.create({ model, messages: said('x') }))
      assert.equal(error.status, 401)
      assert.ok(performance.now() - began < 2000)
    })
  })
}

describe('the AI SDK', () => {
  const provider = async () => createOpenAICompatible({ name: 'edgewise', baseURL: `${base}/v1`, apiKey: await key(), includeUsage: true })

  test('generates and streams text', async () => {
    const prompt = await scenario(short)
    const edgewise = await provider()
    const whole = await generateText({ model: edgewise(model), prompt })
    assert.equal(whole.text, 'w0 w1 w2 ')
    const { textStream, usage } = streamText({ model: edgewise(model), prompt })
    let text = ''
    for await (const part of textStream) text += part
    assert.equal(text, 'w0 w1 w2 ')
    assert.ok((await usage).totalTokens > 0)
  })
})
