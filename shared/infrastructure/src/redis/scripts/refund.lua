-- Gives the day's message of a guest's answer back to the account that has claimed them since. Safe to repeat.
-- KEYS: 1 the account. ARGV: 1 request id
local user = read_user(redis.call('GET', KEYS[1]))
if not user.settled[ARGV[1]] then
  user.settled[ARGV[1]], user.used = now + settled_life, math.max(user.used - 1, 0)
  keep_user(KEYS[1], user)
end
return {}
