-- Takes what is handed out once: who asks first has it, and the same request again. For a while it is known that it was used.
-- KEYS: 1 what is kept: who has taken it ('-': nobody) and after commas who has put it back, a blank, and what it is. ARGV: 1 the request, 2 how long that is known in ms
local kept = redis.call('GET', KEYS[1])
if not kept then
  return {'verdict', 'nothing', 'what', ''}
end
local taker, put_back_by, what = string.match(kept, '^([^, ]+)(%S*) (.*)$')
-- A request that has put it back takes it no more: this call was late, and nobody hears of it.
if (taker ~= '-' and taker ~= ARGV[1]) or string.find(put_back_by, ARGV[1], 1, true) then
  return {'verdict', 'used', 'what', ''}
end
redis.call('SET', KEYS[1], ARGV[1] .. put_back_by .. ' ' .. what, 'PX', ARGV[2])
return {'verdict', 'taken', 'what', what}
