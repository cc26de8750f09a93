// `openai` against `/v1`.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import OpenAI from 'openai'
import { modelKey, url } from './stack.mjs'

const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: modelKey, maxRetries: 0 })
const model = 'Meta-Llama-3.3-70B-Instruct'
const messages = [{ role: 'user', content: 'Hello!' }]

async function failure(promise) {
  const error = await promise.then(
    () => assert.fail('it should have failed'),
    (error) => error,
  )
  assert.ok(error instanceof OpenAI.APIError, error.stack)
  return error
}

describe('openai', () => {
  test('streams an answer with its usage at the end', async () => {
    const { data: stream, response } = await client.chat.completions
      .create({ model, messages, stream: true, stream_options: { include_usage: true } })
      .withResponse()
    assert.match(response.headers.get('content-type'), /^text\/event-stream/)
    for (const name of ['limit', 'remaining', 'reset']) {
      assert.match(response.headers.get(`x-ratelimit-${name}-requests`), /^\d+$/)
      assert.match(response.headers.get(`x-ratelimit-${name}-requests-day`), /^\d+$/)
    }
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
    assert.match(text, /demo model/)
    assert.ok(chunks.every((chunk) => chunk.object === 'chat.completion.chunk' && chunk.model === model && chunk.id === chunks[0].id))
    assert.equal(chunks[0].choices[0].delta.role, 'assistant')
    assert.equal(chunks.at(-2).choices[0].finish_reason, 'stop')
    const last = chunks.at(-1)
    assert.deepEqual(last.choices, [])
    assert.ok(last.usage.completion_tokens > chunks.length - 2, 'chunks carry several tokens')
    assert.equal(last.usage.total_tokens, last.usage.prompt_tokens + last.usage.completion_tokens)
  })

  test('sends no usage unless asked', async () => {
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
      assert.equal(chunk.usage, undefined)
      assert.equal(chunk.choices.length, 1)
    }
  })

  test('answers as a whole, the same text', async () => {
    const whole = await client.chat.completions.create({ model, messages })
    assert.equal(whole.object, 'chat.completion')
    assert.equal(whole.choices[0].finish_reason, 'stop')
    assert.ok(whole.usage.total_tokens > 0)
    let text = ''
    for await (const chunk of await client.chat.completions.create({ model, messages, stream: true })) {
      text += chunk.choices[0].delta.content ?? ''
    }
    assert.equal(text, whole.choices[0].message.content)
  })

  test('keeps to max_tokens', async () => {
    const cut = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Write code' }], max_tokens: 10 })
    assert.equal(cut.choices[0].finish_reason, 'length')
    assert.ok(cut.usage.completion_tokens <= 10)
  })

  test('lists its models', async () => {
    const ids = []
    for await (const one of client.models.list()) ids.push(one.id)
    assert.deepEqual(ids, [model, 'gpt-oss-120b'])
  })

  test('a stream can be left', async () => {
    const stream = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Tell me a story' }], stream: true })
    for await (const chunk of stream) {
      assert.ok(chunk.id)
      break
    }
    assert.ok(stream.controller.signal.aborted)
  })

  test('errors', async () => {
    const wrongKey = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'wrong', maxRetries: 0 })
    const unauthorized = await failure(wrongKey.chat.completions.create({ model, messages }))
    assert.deepEqual([unauthorized.status, unauthorized.code], [401, 'invalid_authentication'])
    const unknown = await failure(client.chat.completions.create({ model: 'no-such-model', messages }))
    assert.deepEqual([unknown.status, unknown.code], [400, 'model_not_found'])
    const malformed = await failure(client.chat.completions.create({ model, messages: 'x' }))
    assert.deepEqual([malformed.status, malformed.code], [400, 'invalid_type'])
  })
})
