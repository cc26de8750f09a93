-- Admits one message against the minute, the day and the running answers, all or nothing: a refusal changes no counter.
-- KEYS: 4 the charge's receipt. ARGV: 1 request id, 2 per minute, 3 per day (-1: no limit), 4 streams, 5 lease in ms, 6 receipt's life in ms
local receipt_key = KEYS[4]
local request, per_minute, per_day, streams_limit = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local lease, receipt_life = tonumber(ARGV[5]), ARGV[6]

-- The reply to an earlier try was lost: it has been charged and is not charged again.
if redis.call('EXISTS', receipt_key) == 1 then
  return answer('admitted')
end

local _, minute_used, _, day_used, _, streams = standing()
if per_day >= 0 and day_used >= per_day then
  return answer('day')
end
if minute_used >= per_minute then
  return answer('minute')
end
if streams >= streams_limit then
  return answer('streams')
end

redis.call('ZREMRANGEBYSCORE', minute_key, '-inf', whole(minute_start))
redis.call('ZADD', minute_key, whole(now), request)
redis.call('PEXPIRE', minute_key, 60000)
redis.call('INCR', day_key)
redis.call('PEXPIREAT', day_key, whole(day_end))
redis.call('ZREMRANGEBYSCORE', streams_key, '-inf', whole(now))
redis.call('ZADD', streams_key, whole(now + lease), request)
redis.call('PEXPIRE', streams_key, whole(lease))
redis.call('SET', receipt_key, today, 'PX', receipt_life)
return answer('admitted')
