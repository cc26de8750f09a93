// What happens to a visitor of the server while a client asks: time goes by, the money is used up, a key is revoked.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { Redis } from '@upstash/redis'
import { redisToken, url as stack } from '../stack.mjs'

const redis = new Redis({ url: `${stack}/redis`, token: redisToken, enableTelemetry: false })

/** What the server may spend a day: more than all that other suites have spent today from the same store. */
export const BUDGET_USD = 1_000

/** More than that, in micro-dollars. */
export const ALL_OF_IT = 10 * BUDGET_USD * 1_000_000

/** Lets a guest's minute be as many seconds old, however long its messages took: what is left of it is waited for. */
export const age = (guest, seconds) =>
  redis.eval(
    `local user, time = cjson.decode(redis.call('GET', KEYS[1])), redis.call('TIME')
     local back = user.minute[1] - (time[1] - ARGV[1]) * 1000
     for at = 1, #user.minute, 2 do user.minute[at] = user.minute[at] - back end
     return redis.call('SET', KEYS[1], cjson.encode(user), 'KEEPTTL')`,
    [`chat:user:${guest}`],
    [seconds],
  )

/** Adds to what was spent today, in micro-dollars. */
export const spend = (more) =>
  redis.eval(
    `local all = cjson.decode(redis.call('GET', KEYS[1]))
     all.ledger.spent = all.ledger.spent + ARGV[1]
     return redis.call('SET', KEYS[1], cjson.encode(all), 'KEEPTTL')`,
    ['chat:all'],
    [more],
  )

async function call(server, token, method, path, body = {}) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const answer = await fetch(`${server}/api/v1${path}`, { method, headers, body: JSON.stringify(body) })
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`)
  return answer.json()
}

/** A new guest: id and key, which is the token. */
export async function guest(server) {
  const { token, user } = await call(server, null, 'POST', '/auth/guest')
  return { id: user.id, key: token }
}

/** A new account's API key, and its revocation. */
export async function apiKey(server) {
  const email = `${randomBytes(8).toString('hex')}@example.org`
  const { token } = await call(server, null, 'POST', '/auth/register', { email, password_key: randomBytes(32).toString('base64url') })
  const { id, key } = await call(server, token, 'POST', '/me/keys', { name: 'the official client', expires_in_days: 1 })
  return { key, revoke: () => call(server, token, 'DELETE', `/me/keys/${id}`) }
}
