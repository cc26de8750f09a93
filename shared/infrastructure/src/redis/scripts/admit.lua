-- Admits one message against its idempotency key, the answer it continues, the minute, the day, the running answers and the breaker, all or nothing: a refusal charges nothing.
-- KEYS: 1 to 3 where the user stands, 4 prefix of the user's receipts, 5 the breaker, 6 the idempotency key's claim ('': none), 7 the claim on the answer that is continued ('': none)
-- ARGV: 1 request id, 2 to 7 the breaker's, 8 a probe's lease in ms, 9 per minute, 10 per day (-1: no limit), 11 streams, 12 lease in ms, 13 the longest lease in ms,
--   14 receipt's life in ms, 15 days' messages that are given back a day at most, 16 the sender's address, hashed, 17 life of the claim on a continued answer in ms,
--   18 the idempotency key's life in ms, 19 the request's fingerprint, 20 session, 21 question, 22 answer
local receipts, claim_key, continued_key = KEYS[4], KEYS[6], KEYS[7]
local request, probe_lease, per_minute, per_day, streams_limit = ARGV[1], tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local lease, longest_lease, receipt_life, returns_per_day, address = tonumber(ARGV[12]), ARGV[13], ARGV[14], tonumber(ARGV[15]), ARGV[16]
local continued_life, claim_life, fingerprint, session, question, answer = ARGV[17], ARGV[18], ARGV[19], ARGV[20], ARGV[21], ARGV[22]
local receipt_key = receipts .. request

local breaker = redis.call('HMGET', breaker_key, 'opening', 'open_until', 'probe', 'probe_until', 'rested')
local opening, open_until, probe_until = tonumber(breaker[1] or '0'), tonumber(breaker[2] or '0'), tonumber(breaker[4] or '0')

local claim = {}
if claim_key ~= '' then
  claim = redis.call('HMGET', claim_key, 'fingerprint', 'session', 'answer', 'at', 'question', 'ended', 'request', 'day')
end

local function admitted(is_probe)
  return reply('admitted', 'opening', opening, 'is_probe', is_probe and 1 or 0, 'session', session, 'question', question)
end

-- The reply to an earlier try was lost: it has been charged and is not charged again.
if redis.call('EXISTS', receipt_key) == 1 then
  if claim[7] == request then
    session, question = claim[2], claim[5]
  end
  return admitted(breaker[3] == request)
end

-- The day on which this was charged already: its instance died before anything of it was written, or its reader left before the first byte.
local charged_on
-- How many messages of that day were given back; a reader who left and asks again counts among them.
local returned_key
if claim[1] and claim[1] ~= fingerprint and not (claim[6] == 'failed' or claim[6] == 'dead' or claim[6] == 'left') then
  return reply('mismatch')
elseif claim[6] == 'spent' then
  return reply('gone')
elseif claim[1] and not claim[6] then
  return reply('repeated', 'session', claim[2], 'answer', claim[3], 'age', whole(now - tonumber(claim[4])))
elseif claim[1] == fingerprint then
  -- It ended before its answer began. The same request takes up what is there of it; any other takes the key as a new one.
  session, question = claim[2], claim[5]
  charged_on = claim[6] == 'dead' and claim[8]
  if claim[6] == 'left' then
    returned_key = KEYS[3] .. claim[8] .. ':returned'
    charged_on = tonumber(redis.call('GET', returned_key) or '0') < returns_per_day and claim[8]
  end
end

local continued_by = continued_key ~= '' and redis.call('GET', continued_key)
if continued_by and continued_by ~= request then
  return reply('continued')
end

local at = standing()
if not charged_on and per_day >= 0 and at.day_used >= per_day then
  return reply('day')
end
if at.minute_used >= per_minute then
  return reply('minute')
end
if at.streams >= streams_limit then
  return reply('streams')
end
local probes = threshold > 0 and open_until > 0
if probes then
  local paused_until = math.max(open_until, probe_until, addresses_of(breaker[5])[address] or 0)
  if paused_until > now then
    return reply('paused', 'until', whole(paused_until))
  end
end

redis.call('ZREMRANGEBYSCORE', minute_key, '-inf', whole(minute_start))
redis.call('ZADD', minute_key, whole(now), request)
redis.call('PEXPIRE', minute_key, 60000)
if charged_on then
  -- The charge goes over to this request; the one that has died could not give it back any more.
  redis.call('SET', receipts .. claim[7], 'settled', 'XX', 'KEEPTTL')
  if returned_key then
    redis.call('INCR', returned_key)
    redis.call('PEXPIREAT', returned_key, whole(day_end))
  end
else
  redis.call('INCR', day_key)
  redis.call('PEXPIREAT', day_key, whole(day_end))
end
-- Leases that are not renewed any more are those of instances that have died.
redis.call('ZREMRANGEBYSCORE', streams_key, '-inf', whole(now))
redis.call('ZADD', streams_key, whole(now + lease), request)
redis.call('PEXPIRE', streams_key, longest_lease)
redis.call('SET', receipt_key, charged_on or today, 'PX', receipt_life)
if probes then
  redis.call('HSET', breaker_key, 'probe', request, 'probe_until', whole(now + probe_lease))
  redis.call('PEXPIRE', breaker_key, breaker_life)
end
if continued_key ~= '' then
  redis.call('SET', continued_key, request, 'PX', continued_life)
end
if claim_key ~= '' then
  redis.call('HSET', claim_key, 'fingerprint', fingerprint, 'request', request, 'session', session, 'question', question, 'answer', answer, 'at', whole(now), 'day', charged_on or today)
  if claim[6] then
    redis.call('HDEL', claim_key, 'ended')
  end
  redis.call('PEXPIRE', claim_key, claim_life)
end
return admitted(probes)
