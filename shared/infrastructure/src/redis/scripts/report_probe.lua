-- Closes the breaker at a probe's first words: messages need not wait for the end of its answer. Safe to repeat.
-- KEYS: 1 what all share. ARGV: 1 request id, 2 to 6 the breaker's, 7 how often the breaker had opened by its admission
local all = decoded(redis.call('GET', KEYS[1]))
local change, has_changed = record_outcome(all, 'answered', ARGV[1], tonumber(ARGV[7]), '')
if has_changed then
  redis.call('SET', KEYS[1], cjson.encode(all), 'PX', day_life)
end
return {'breaker', change}
