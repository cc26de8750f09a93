// A guest of the server under test, and what its model does with their words.

import assert from 'node:assert/strict'
import { unique, url as stack } from '../stack.mjs'

export const base = process.env.BASE_URL
if (!base) throw new Error('BASE_URL is not set: cargo xtask test sets it')
export const model = 'gpt-oss-120b'

/** Sets what the model does with messages that contain the marker that is given back. */
export async function scenario(what) {
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
export async function key() {
  const answer = await fetch(`${base}/api/v1/auth/guest`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  assert.ok(answer.ok, `${answer.status}`)
  return (await answer.json()).token
}

/** What a promise fails with. */
export async function failure(promise) {
  return promise.then(
    () => assert.fail('it should have failed'),
    (error) => error,
  )
}

export const said = (words) => [{ role: 'user', content: words }]

/** Waits until the model sees that nobody reads its answer to the marker any more. */
export async function leftByReader(marker) {
  const found = await fetch(`${stack}/control/calls?${new URLSearchParams({ since: '0', face: 'model', contains: marker })}`)
  const { calls } = await found.json()
  assert.equal(calls.length, 1, marker)
  const ended = await fetch(`${stack}/control/calls/wait?${new URLSearchParams({ seq: calls[0].seq, timeout_ms: 15000 })}`)
  const answer = await ended.json()
  assert.equal((answer.call ?? answer).outcome, 'client_closed')
}
