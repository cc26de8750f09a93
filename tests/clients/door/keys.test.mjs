// An account's API key as the key of the official client: from the sign-up to the revocation.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, before, describe, test } from 'node:test'
import OpenAI from 'openai'
import { serve } from '../served.mjs'

describe('an API key', () => {
  let server
  let call

  before(async () => {
    server = await serve({ ACCOUNTS_ENABLED: 'true', ACCOUNTS_PEPPER: 'the pepper of the official clients' })
    call = async (token, method, path, body) => {
      const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
      const answer = await fetch(`${server.address}/api/v1${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
      assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`)
      return answer.json()
    }
  })
  after(() => server?.stop())

  test('asks the model until it is revoked', async () => {
    const email = `${randomBytes(8).toString('hex')}@example.org`
    const { token } = await call(null, 'POST', '/auth/register', { email, password_key: randomBytes(32).toString('base64url') })
    const { id, key } = await call(token, 'POST', '/me/keys', { name: 'the official client', expires_in_days: 1 })
    const openai = new OpenAI({ baseURL: `${server.address}/v1`, apiKey: key, maxRetries: 0 })
    const [{ id: model }] = (await openai.models.list()).data
    const messages = [{ role: 'user', content: 'Hello!' }]
    const whole = await openai.chat.completions.create({ model, messages })
    assert.ok(whole.choices[0].message.content.length > 0)
    let text = ''
    for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? ''
    }
    assert.equal(text, whole.choices[0].message.content)
    await call(token, 'DELETE', `/me/keys/${id}`)
    const refused = await openai.chat.completions.create({ model, messages }).then(
      () => assert.fail('it should have been refused'),
      (error) => error,
    )
    assert.ok(refused instanceof OpenAI.AuthenticationError, refused.stack)
    assert.equal(refused.code, 'invalid_api_key')
  })
})
