-- KEYS: 1 the minute (zset of request ids by time), 2 leases of running answers (zset of request ids by expiry), 3 prefix of the day's counter
local minute_key, streams_key, day_key = KEYS[1], KEYS[2], KEYS[3] .. today

-- Where the user stands: {now, minute used, minute resets at, day used, day resets at, streams}; times in milliseconds.
local function standing()
  local minute_used = redis.call('ZCOUNT', minute_key, '(' .. whole(minute_start), '+inf')
  local oldest = redis.call('ZRANGEBYSCORE', minute_key, '(' .. whole(minute_start), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  local minute_resets_at = oldest[2] and tonumber(oldest[2]) + 60000 or now
  local day_used = tonumber(redis.call('GET', day_key) or '0')
  local streams = redis.call('ZCOUNT', streams_key, '(' .. whole(now), '+inf')
  return now, minute_used, minute_resets_at, day_used, day_end, streams
end

local function answer(verdict)
  local at, minute_used, minute_resets_at, day_used, day_resets_at, streams = standing()
  return {verdict, whole(at), minute_used, whole(minute_resets_at), day_used, whole(day_resets_at), streams}
end
