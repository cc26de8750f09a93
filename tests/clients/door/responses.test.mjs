// OpenAI's Responses API, as the official client speaks it: whole, as a stream, and what is wrong.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import OpenAI7 from 'openai'
import OpenAI6 from 'openai-6'
import { base, failure, key, leftByReader, model, scenario } from './guest.mjs'

for (const [version, OpenAI] of [['6', OpenAI6], ['7', OpenAI7]]) {
  const client = async (options = {}) => new OpenAI({ baseURL: `${base}/v1`, apiKey: await key(), maxRetries: 0, ...options })

  describe(`openai ${version}, responses`, () => {
    test('answers whole, as events, and by the helper that puts them together', async () => {
      const marker = await scenario({ chunks: 3, chunk_text: 'w{i} ', pace_ms: 0, usage: true })
      const openai = await client()
      const whole = await openai.responses.create({ model, input: marker, instructions: 'Be brief.', store: false })
      assert.equal(whole.output_text, 'w0 w1 w2 ')
      assert.ok(whole.usage.input_tokens > 0 && whole.usage.total_tokens > 0)
      // The client's next turn holds what it was answered.
      const input = [{ role: 'user', content: 'Hi' }, ...whole.output, { role: 'user', content: [{ type: 'input_text', text: marker }] }]
      assert.equal((await openai.responses.create({ model, input })).status, 'completed')
      let text = ''
      let last
      for await (const event of await openai.responses.create({ model, input: marker, stream: true })) {
        if (event.type === 'response.output_text.delta') text += event.delta
        last = event
      }
      assert.deepEqual([text, last.type, last.response.usage.total_tokens > 0], ['w0 w1 w2 ', 'response.completed', true])
      const helped = await openai.responses.stream({ model, input: marker }).finalResponse()
      assert.equal(helped.output_text, 'w0 w1 w2 ')
    })

    test('reads what is wrong, before the stream and in it', async () => {
      const openai = await client()
      const tools = await failure(openai.responses.create({ model, input: 'x', tools: [{ type: 'web_search' }] }))
      assert.ok(tools instanceof OpenAI.BadRequestError, tools.stack)
      assert.deepEqual([tools.code, tools.param], ['unsupported_parameter', 'tools'])
      const unknown = await failure(openai.responses.create({ model: 'none', input: 'x' }))
      assert.ok(unknown instanceof OpenAI.NotFoundError, unknown.stack)
      const denied = await failure((await client({ apiKey: 'no key', maxRetries: 5 })).responses.create({ model, input: 'x' }))
      assert.ok(denied instanceof OpenAI.AuthenticationError, denied.stack)
      const long = await failure(openai.responses.create({ model, input: 'word '.repeat(10_000) }))
      assert.deepEqual([long.status, long.code], [413, 'context_length_exceeded'])
      const broken = await scenario({ chunks: 40, chunk_text: 'w{i} ', pace_ms: 1, close_at: 5 })
      const kinds = []
      let last
      for await (const event of await openai.responses.create({ model, input: broken, stream: true })) {
        kinds.push(event.type)
        last = event
      }
      assert.ok(kinds.includes('response.output_text.delta'), kinds)
      assert.deepEqual([last.type, last.response.error.code], ['response.failed', 'server_error'])
    })

    test('leaves a stream, and the model is closed', async () => {
      const marker = await scenario({ chunks: 5000, chunk_text: 'w{i} ', pace_ms: 20 })
      const stream = await (await client()).responses.create({ model, input: marker, stream: true })
      for await (const event of stream) if (event.type === 'response.output_text.delta') break
      assert.equal(stream.controller.signal.aborted, true)
      await leftByReader(marker)
    })
  })
}
