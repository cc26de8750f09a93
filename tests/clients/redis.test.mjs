// `@upstash/redis` and `@upstash/ratelimit` against `/redis`.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Ratelimit } from '@upstash/ratelimit'
import { Redis } from '@upstash/redis'
import { redisToken, unique, url } from './stack.mjs'

const options = { url: `${url}/redis`, token: redisToken, enableTelemetry: false, retry: false }
const redis = new Redis(options)
const plain = new Redis({ ...options, responseEncoding: false, automaticDeserialization: false })

describe('@upstash/redis', () => {
  for (const [name, client] of [['base64', redis], ['plain', plain]]) {
    test(`strings of any kind, ${name}`, async () => {
      const key = unique('text')
      for (const text of ['plain', 'é😀\n\t"\\', ' ', 'ÿ'.repeat(10_000)]) {
        assert.equal(await client.set(key, text), 'OK')
        assert.equal(await client.get(key), text)
      }
      assert.equal(await client.del(key), 1)
      assert.equal(await client.get(key), null)
    })
  }

  test('objects survive as JSON', async () => {
    const key = unique('object')
    const value = { a: [1, 'é', null], b: { c: true } }
    await redis.set(key, value, { ex: 100 })
    assert.deepEqual(await redis.get(key), value)
    const ttl = await redis.ttl(key)
    assert.ok(ttl > 95 && ttl <= 100)
  })

  test('set with conditions', async () => {
    const key = unique('set')
    assert.equal(await redis.set(key, 'a', { xx: true }), null)
    assert.equal(await redis.set(key, 'a', { nx: true, px: 50_000 }), 'OK')
    assert.equal(await redis.set(key, 'b', { nx: true }), null)
    assert.equal(await redis.set(key, 'c', { get: true, keepTtl: true }), 'a')
    assert.ok((await redis.pttl(key)) > 40_000)
  })

  test('counters, hashes, sets, sorted sets', async () => {
    const key = unique('kinds')
    assert.equal(await redis.incrby(`${key}:n`, 5), 5)
    assert.equal(await redis.hset(`${key}:h`, { a: 1, b: 'two' }), 2)
    assert.deepEqual(await redis.hgetall(`${key}:h`), { a: 1, b: 'two' })
    assert.equal(await redis.hincrby(`${key}:h`, 'a', 4), 5)
    assert.equal(await redis.sadd(`${key}:s`, 'x', 'y', 'x'), 2)
    assert.equal(await redis.sismember(`${key}:s`, 'x'), 1)
    assert.equal(await redis.zadd(`${key}:z`, { score: 1, member: 'a' }, { score: 2.5, member: 'b' }), 2)
    assert.deepEqual(await redis.zrange(`${key}:z`, 0, -1, { withScores: true }), ['a', 1, 'b', 2.5])
    assert.deepEqual(await redis.zrange(`${key}:z`, '-inf', '(2', { byScore: true }), ['a'])
    const [, found] = await redis.scan(0, { match: `${key}:*`, count: 1000 })
    assert.ok(found.length <= 4)
  })

  test('a pipeline keeps its order and its errors apart', async () => {
    const key = unique('pipeline')
    const results = await redis.pipeline().set(key, 1).incr(key).hget(key, 'x').get(key).exec({ keepErrors: true })
    assert.deepEqual(results.map((item) => item.result), ['OK', 2, undefined, 2])
    assert.match(results[2].error, /WRONGTYPE/)
  })

  test('parts of a string in one pipeline, and its life', async () => {
    const key = unique('part')
    const written = redis.pipeline().set(key, 'Hello', { px: 50_000, nx: true }).setrange(key, 1, 'allo').strlen(key).getrange(key, 1, 2)
    assert.deepEqual(await written.exec(), ['OK', 5, 5, 'al'])
    assert.equal(await redis.getex(key, { ex: 1_000 }), 'Hallo')
    const read = redis.pipeline().mget(key, `${key}:none`).ttl(key).pexpire(key, 2_000_000).pttl(key).del(key)
    const [values, seconds, expires, left, deleted] = await read.exec()
    assert.deepEqual([values, expires, deleted], [['Hallo', null], 1, 1])
    assert.ok(seconds > 990 && seconds <= 1_000 && left > 1_990_000)
  })

  test('a script that locks its keys', async () => {
    const key = unique('locked')
    const source = `#!lua flags=allow-key-locking\nreturn cjson.encode({redis.call('INCR', KEYS[1]), cjson.null, {}})`
    assert.deepEqual(await redis.eval(source, [key], []), [1, null, {}])
    assert.deepEqual(await redis.createScript(source).exec([key], []), [2, null, {}])
  })

  test('a transaction', async () => {
    const key = unique('multi')
    assert.deepEqual(await redis.multi().set(key, 10).decr(key).get(key).exec(), ['OK', 9, 9])
    const response = await fetch(`${url}/redis/multi-exec`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${redisToken}` },
      body: JSON.stringify([['SET', key, 'changed'], ['NOSUCHCOMMAND']]),
    })
    assert.equal(response.status, 400)
    assert.match((await response.json()).error, /unknown command/)
    assert.equal(await redis.get(key), 9)
  })

  test('a transaction is not interleaved', async () => {
    const key = unique('atomic')
    const pairs = await Promise.all(Array.from({ length: 100 }, () => redis.multi().incr(key).incr(key).exec()))
    for (const [first, second] of pairs) assert.equal(second, first + 1)
    assert.equal(await redis.get(key), 200)
  })

  test('scripts', async () => {
    const key = unique('script')
    const source = `redis.call('SET', KEYS[1], ARGV[1]) return {redis.call('GET', KEYS[1]), #ARGV, 3.9, false} -- ${key}`
    assert.deepEqual(await redis.eval(source, [key], ['é', 'b']), ['é', 2, 3, null])
    const script = redis.createScript(`return ARGV[1] .. '${key}'`)
    assert.equal(await script.exec([], ['x']), `x${key}`)
    assert.equal(await script.exec([], ['y']), `y${key}`)
    const sha = await redis.scriptLoad(`return '${key}'`)
    assert.equal(await redis.evalsha(sha, [], []), key)
    assert.deepEqual(await redis.scriptExists(sha, 'f'.repeat(40)), [1, 0])
    await assert.rejects(redis.evalsha('f'.repeat(40), [], []), /NOSCRIPT/)
    await assert.rejects(redis.eval('return redis.call("HGET", KEYS[1], "a")', [key], []), /WRONGTYPE/)
  })

  test('errors', async () => {
    await assert.rejects(redis.exec(['NOSUCHCOMMAND']), /ERR unknown command/)
    await assert.rejects(redis.exec(['SET', 'k']), /ERR wrong number of arguments for 'set' command/)
    await assert.rejects(new Redis({ ...options, token: 'wrong' }).get('k'), /WRONGPASS|Unauthorized/)
    await assert.rejects(redis.exec(['SUBSCRIBE', 'x']), /not available/)
  })

  test('many at once', async () => {
    const key = unique('many')
    const results = await Promise.all(Array.from({ length: 300 }, () => redis.incr(key)))
    assert.equal(new Set(results).size, 300)
  })
})

describe('@upstash/ratelimit', () => {
  const limiters = {
    // Of windows this long hardly one ends within a test.
    'fixed window': Ratelimit.fixedWindow(7, '1 d'),
    'sliding window': Ratelimit.slidingWindow(7, '1 d'),
    'token bucket': Ratelimit.tokenBucket(7, '1 d', 7),
  }
  for (const [name, limiter] of Object.entries(limiters)) {
    test(`${name}: of 20 at once, 7 pass`, async () => {
      const ratelimit = new Ratelimit({ redis, limiter, prefix: unique('ratelimit'), ephemeralCache: false, analytics: false, timeout: 0 })
      const answers = await Promise.all(Array.from({ length: 20 }, () => ratelimit.limit('someone')))
      assert.equal(answers.filter((answer) => answer.success).length, 7)
      assert.ok(answers.every((answer) => answer.limit === 7 && answer.remaining >= 0))
      assert.ok((await ratelimit.limit('somebody else')).success)
      await ratelimit.resetUsedTokens('someone')
      assert.ok((await ratelimit.limit('someone')).success)
    })
  }
})
