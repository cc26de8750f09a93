// What versions 6 and 7 of `openai` show beyond what all clients do (`clients.test.mjs`): one model, their kinds of errors, headers.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import OpenAI7 from 'openai'
import OpenAI6 from 'openai-6'
import { base, failure, key, model, said, scenario } from './guest.mjs'

for (const [version, OpenAI] of [['6', OpenAI6], ['7', OpenAI7]]) {
  const client = async (options = {}) => new OpenAI({ baseURL: `${base}/v1`, apiKey: await key(), maxRetries: 0, ...options })

  describe(`openai ${version}`, () => {
    test('reads one model, and what stands in the headers', async () => {
      const openai = await client()
      const { data, response } = await openai.models.retrieve(model).withResponse()
      assert.equal(data.id, model)
      assert.match(response.headers.get('x-request-id'), /./)
      const { response: answer } = await openai.chat.completions.create({ model, messages: said('Hello!') }).withResponse()
      assert.match(answer.headers.get('openai-processing-ms'), /^\d+$/)
      assert.ok(Number(answer.headers.get('x-ratelimit-remaining-requests')) > 0)
    })

    test('reads what is wrong by its own kinds of errors', async () => {
      const openai = await client()
      const wrongKey = await client({ apiKey: 'no key' })
      const ask = (more) => failure(openai.chat.completions.create({ model, messages: said('x'), ...more }))
      assert.ok((await failure(wrongKey.models.list())) instanceof OpenAI.AuthenticationError)
      assert.ok((await ask({ model: 'none' })) instanceof OpenAI.NotFoundError)
      const tools = await ask({ tools: [{ type: 'function', function: { name: 'f' } }] })
      assert.ok(tools instanceof OpenAI.BadRequestError)
      assert.deepEqual([tools.code, tools.param], ['unsupported_parameter', 'tools'])
      const messages = said(await scenario({ chunks: 40, chunk_text: 'w{i} ', pace_ms: 1, close_at: 5 }))
      const stream = await openai.chat.completions.create({ model, messages, stream: true })
      const broken = await failure(
        (async () => {
          for await (const chunk of stream) assert.ok(chunk.choices)
        })(),
      )
      assert.ok(broken instanceof OpenAI.APIError, broken.stack)
      assert.equal(broken.code, 'provider_error')
    })
  })
}
