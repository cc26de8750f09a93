-- Where a user stands. Needs clock and day.
-- KEYS: 1 the minute (zset of request ids by time), 2 leases of running answers (zset of request ids by expiry), 3 prefix of the day's counter
local minute_key, streams_key, day_key = KEYS[1], KEYS[2], KEYS[3] .. today
local minute_start = now - 60000

local function standing()
  local minute_used = redis.call('ZCOUNT', minute_key, '(' .. whole(minute_start), '+inf')
  local oldest = redis.call('ZRANGEBYSCORE', minute_key, '(' .. whole(minute_start), '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  local minute_resets_at = oldest[2] and tonumber(oldest[2]) + 60000 or now
  local day_used = tonumber(redis.call('GET', day_key) or '0')
  local streams = redis.call('ZCOUNT', streams_key, '(' .. whole(now), '+inf')
  return {minute_used = minute_used, minute_resets_at = minute_resets_at, day_used = day_used, streams = streams}
end

-- A verdict, where the user stands, and further names and values that belong to the verdict. Times in milliseconds.
local function reply(verdict, ...)
  local at = standing()
  return {
    'verdict', verdict, 'now', whole(now), 'minute_used', at.minute_used, 'minute_resets_at', whole(at.minute_resets_at),
    'day_used', at.day_used, 'day_resets_at', whole(day_end), 'streams', at.streams, ...
  }
end
