-- Shuts a user or an address out for a time, or lets them in again; what else is known of them stays. Safe to repeat.
-- KEYS: 1 the user, or the address. ARGV: 1 until when in ms (0: they are let in)
local value, until_then = decoded(redis.call('GET', KEYS[1])), tonumber(ARGV[1])
value.blocked = until_then > now and until_then or nil
redis.call('SET', KEYS[1], cjson.encode(value), 'PX', whole(math.max(day_life, until_then - now)))
return {}
