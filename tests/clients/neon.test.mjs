// `@neondatabase/serverless` against `/sql`.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { neon, neonConfig } from '@neondatabase/serverless'
import { databaseUrl, unique, url } from './stack.mjs'

neonConfig.fetchEndpoint = () => `${url}/sql`
const sql = neon(databaseUrl)
const table = unique('neon')

async function rejection(promise) {
  const error = await promise.then(
    () => assert.fail('it should have failed'),
    (error) => error,
  )
  assert.equal(error.name, 'NeonDbError', error.stack)
  return error
}

describe('neon', () => {
  before(() => sql.query(`CREATE TABLE ${table} (id int PRIMARY KEY, word text NOT NULL CHECK (word <> 'bad'), data jsonb)`))
  after(() => sql.query(`DROP TABLE ${table}`))

  test('parameters are bound, not pasted', async () => {
    const evil = `'; DROP TABLE ${table}; --`
    const rows = await sql`SELECT ${evil}::text AS text, ${42}::int AS number, ${true}::bool AS truth, ${null}::text AS nothing`
    assert.deepEqual(rows, [{ text: evil, number: 42, truth: true, nothing: null }])
  })

  test('types come back as the driver promises', async () => {
    const [row] = await sql`SELECT 9007199254740993::int8 AS big, 1.10::numeric AS exact, 1.5::float8 AS float, 'NaN'::float8 AS nan,
      '{"a":[1,2]}'::jsonb AS json, ARRAY[1,2,NULL]::int[] AS numbers, ARRAY['a b','c"d','é',NULL]::text[] AS words,
      '2026-01-02T03:04:05Z'::timestamptz AS at, '\\x00ff'::bytea AS bytes, '0190163d-8694-739b-aea5-966c26f8ad91'::uuid AS id,
      ARRAY[ARRAY[1,2],ARRAY[3,4]] AS nested, 'é😀'::text AS unicode`
    assert.equal(row.big, '9007199254740993')
    assert.equal(row.exact, '1.10')
    assert.equal(row.float, 1.5)
    assert.ok(Number.isNaN(row.nan))
    assert.deepEqual(row.json, { a: [1, 2] })
    assert.deepEqual(row.numbers, [1, 2, null])
    assert.deepEqual(row.words, ['a b', 'c"d', 'é', null])
    assert.equal(row.at.toISOString(), '2026-01-02T03:04:05.000Z')
    assert.deepEqual([...row.bytes], [0, 255])
    assert.equal(row.id, '0190163d-8694-739b-aea5-966c26f8ad91')
    assert.deepEqual(row.nested, [[1, 2], [3, 4]])
    assert.equal(row.unicode, 'é😀')
  })

  test('arrays and objects go in', async () => {
    const words = ['a', 'b,c', 'd"e', '{f}', '\\g', null]
    const [row] = await sql`SELECT ${words}::text[] AS words, ${{ x: 'é"' }}::jsonb AS json, ${Buffer.from([1, 2])}::bytea AS bytes`
    assert.deepEqual(row.words, words)
    assert.deepEqual(row.json, { x: 'é"' })
    assert.deepEqual([...row.bytes], [1, 2])
  })

  test('array mode and full results', async () => {
    const full = neon(databaseUrl, { arrayMode: true, fullResults: true })
    const result = await full`SELECT 1 AS a, 'x' AS a`
    assert.deepEqual(result.rows, [[1, 'x']])
    assert.deepEqual(result.fields.map((field) => [field.name, field.dataTypeID]), [['a', 23], ['a', 25]])
    assert.equal(result.command, 'SELECT')
    assert.equal(result.rowCount, 1)
  })

  test('counts what a statement has done', async () => {
    const full = neon(databaseUrl, { fullResults: true })
    const inserted = await full.query(`INSERT INTO ${table} SELECT n, 'w' || n FROM generate_series(100, 104) n`)
    assert.deepEqual([inserted.command, inserted.rowCount], ['INSERT', 5])
    const deleted = await full.query(`DELETE FROM ${table} WHERE id >= 100`)
    assert.deepEqual([deleted.command, deleted.rowCount, deleted.rows], ['DELETE', 5, []])
  })

  test('a transaction is all', async () => {
    const results = await sql.transaction([
      sql.query(`INSERT INTO ${table} (id, word) VALUES ($1, $2) RETURNING id`, [1, 'one']),
      sql.query(`SELECT count(*)::int AS count FROM ${table} WHERE id = 1`),
    ])
    assert.deepEqual(results, [[{ id: 1 }], [{ count: 1 }]])
  })

  test('or nothing', async () => {
    const error = await rejection(
      sql.transaction([
        sql.query(`INSERT INTO ${table} (id, word) VALUES (2, 'two')`),
        sql.query(`INSERT INTO ${table} (id, word) VALUES (2, 'again')`),
      ]),
    )
    assert.equal(error.code, '23505')
    assert.deepEqual(await sql.query(`SELECT id FROM ${table} WHERE id = 2`), [])
  })

  test('isolation, read-only and deferrable reach Postgres', async () => {
    const settings = [sql`SELECT current_setting('transaction_isolation') AS level, current_setting('transaction_read_only') AS read_only,
      current_setting('transaction_deferrable') AS deferrable`]
    const options = { isolationLevel: 'Serializable', readOnly: true, deferrable: true }
    assert.deepEqual(await sql.transaction(settings, options), [[{ level: 'serializable', read_only: 'on', deferrable: 'on' }]])
    const repeatable = await sql.transaction(settings, { isolationLevel: 'RepeatableRead' })
    assert.deepEqual(repeatable, [[{ level: 'repeatable read', read_only: 'off', deferrable: 'off' }]])
    const write = [sql.query(`INSERT INTO ${table} (id, word) VALUES (3, 'x')`)]
    assert.equal((await rejection(sql.transaction(write, { readOnly: true }))).code, '25006')
  })

  test('errors carry all that Postgres says', async () => {
    const check = await rejection(sql.query(`INSERT INTO ${table} (id, word) VALUES (4, 'bad')`))
    assert.equal(check.code, '23514')
    assert.equal(check.table, table)
    assert.equal(check.severity, 'ERROR')
    assert.ok(check.constraint && check.detail && check.file && check.line && check.routine)
    const syntax = await rejection(sql`SELEKT 1`)
    assert.deepEqual([syntax.code, syntax.position], ['42601', '1'])
    const division = await rejection(sql`SELECT 1/0`)
    assert.equal(division.code, '22012')
    assert.equal((await rejection(sql`SELECT 1; SELECT 2`)).code, '42601')
    assert.equal((await rejection(sql.query('SELECT $1::int', ['x']))).code, '22P02')
  })

  test('nothing of a session is left for the next request', async () => {
    await sql`BEGIN`
    await sql`SET statement_timeout = '12345ms'`
    await sql`SELECT pg_advisory_lock(4711)`
    await sql`CREATE TEMP TABLE left_behind (a int)`.catch(() => {})
    for (let i = 0; i < 25; i++) {
      const [row] = await sql`SELECT current_setting('statement_timeout') AS timeout, to_regclass('pg_temp.left_behind') AS left,
        (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks`
      assert.deepEqual(row, { timeout: '0', left: null, locks: 0 })
    }
    await sql`BEGIN`
    await sql.query(`INSERT INTO ${table} (id, word) VALUES (50, 'stays')`)
    await sql`ROLLBACK`
    assert.equal((await sql.query(`SELECT word FROM ${table} WHERE id = 50`)).length, 1)
  })

  test('wrong credentials', async () => {
    const wrong = new URL(databaseUrl)
    wrong.password = 'wrong'
    const error = await rejection(neon(wrong.href)`SELECT 1`)
    assert.match(error.message, /password authentication failed for user/)
    const nowhere = new URL(databaseUrl)
    nowhere.pathname = '/no_such_database'
    assert.match((await rejection(neon(nowhere.href)`SELECT 1`)).message, /database "no_such_database" does not exist/)
  })

  test('many at once', async () => {
    const numbers = Array.from({ length: 200 }, (_, index) => index)
    const rows = await Promise.all(numbers.map((number) => sql`SELECT ${number}::int AS number`))
    assert.deepEqual(rows.map(([row]) => row.number), numbers)
  })

  test('a large parameter and a large answer', async () => {
    const text = 'é😀x'.repeat(200_000)
    const [row] = await sql`SELECT length(${text}::text) AS length, ${text}::text AS text`
    assert.equal(row.length, 600_000)
    assert.equal(row.text, text)
    const tooLarge = await rejection(sql`SELECT repeat('x', 20000000)`)
    assert.match(tooLarge.message, /too large|507/)
    assert.deepEqual(await sql`SELECT 1 AS one`, [{ one: 1 }])
  })

  test('a request given up is cancelled in Postgres', async (t) => {
    const [{ version }] = await sql`SELECT version()`
    if (/wasm|emscripten/i.test(version)) return t.skip('a running WebAssembly call cannot be interrupted')
    const leaving = new AbortController()
    // The driver sends nothing before somebody waits for it.
    const slow = assert.rejects(sql.query('SELECT pg_sleep(60)', [], { fetchOptions: { signal: leaving.signal } }))
    const running = () => sql`SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'`
    while ((await running()).length === 0);
    leaving.abort()
    await slow
    const deadline = Date.now() + 10_000
    while ((await running()).length > 0) assert.ok(Date.now() < deadline, 'it still runs')
  })
})

describe('/sql itself', () => {
  const call = (body, headers = {}, init = {}) =>
    fetch(`${url}/sql`, { method: 'POST', body: JSON.stringify(body), headers: { 'Neon-Connection-String': databaseUrl, ...headers }, ...init })

  test('gives JSON its types where asked to', async () => {
    const response = await call({
      query: `SELECT true AS t, 1::int2 AS s, 1.5::float4 AS f, 'Infinity'::float8 AS inf, 1::int8 AS big, '{"a": 1}'::json AS j,
        ARRAY[true,false] AS ts, ARRAY['{"a":1}'::jsonb] AS js, '[0:1]={5,6}'::int[] AS bounds, ARRAY[]::text[] AS none, 1.0::numeric AS n`,
    })
    assert.equal(response.status, 200)
    assert.match(response.headers.get('neon-request-id'), /^[0-9a-f-]{36}$/)
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    const { rows, rowAsArray } = await response.json()
    assert.equal(rowAsArray, false)
    assert.deepEqual(rows, [
      { t: true, s: 1, f: 1.5, inf: 'Infinity', big: '1', j: { a: 1 }, ts: [true, false], js: [{ a: 1 }], bounds: [5, 6], none: [], n: '1.0' },
    ])
  })

  test('arrayMode of a query overrides the header', async () => {
    const queries = [{ query: 'SELECT 1 AS a', arrayMode: false }, { query: 'SELECT 1 AS a' }]
    const { results } = await (await call({ queries }, { 'Neon-Array-Mode': 'true' })).json()
    assert.deepEqual(results.map((result) => [result.rows, result.rowAsArray]), [[[{ a: 1 }], false], [[[1]], true]])
  })

  test('refuses what Neon refuses', async () => {
    const cases = [
      [{ query: 1 }, {}, 400, /./],
      [{}, {}, 400, /./],
      [{ query: 'SELECT 1', params: null }, {}, 400, /./],
      [{ queries: [] }, { 'Neon-Batch-Isolation-Level': 'Chaos' }, 400, /invalid isolation level/],
      [{ query: 'SELECT 1' }, { 'Neon-Connection-String': 'postgres://u:p@127.0.0.1/db' }, 400, /missing hostname/],
      [{ query: 'SELECT 1' }, { 'Neon-Connection-String': 'nonsense' }, 400, /connection string/],
      [{ query: 'x'.repeat(11_000_000) }, {}, 413, /request is too large \(max is \d+ bytes\)/],
    ]
    for (const [body, headers, status, words] of cases) {
      const response = await call(body, headers)
      const error = await response.json()
      assert.equal(response.status, status, JSON.stringify(error))
      assert.match(error.message, words)
      assert.equal(error.code, '')
      assert.equal(error.detail, null)
    }
    const elsewhere = await fetch(`${url}/sql/x`, { method: 'POST' })
    assert.deepEqual([elsewhere.status, await elsewhere.json()], [400, 'query is not supported'])
    const preflight = await fetch(`${url}/sql`, { method: 'OPTIONS' })
    assert.equal(preflight.status, 200)
    assert.match(preflight.headers.get('access-control-allow-headers'), /Neon-Connection-String/)
  })

  test('COPY FROM STDIN fails and breaks nothing', async () => {
    await sql.query(`CREATE TABLE IF NOT EXISTS ${table}_copy (a int)`)
    const response = await call({ query: `COPY ${table}_copy FROM STDIN` })
    assert.equal(response.status, 400)
    await sql.query(`DROP TABLE ${table}_copy`)
  })
})
