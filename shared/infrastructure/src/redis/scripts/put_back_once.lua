-- Puts back what a request has taken for nothing, or may still take: a call of its own that comes late takes nothing. What another has taken stays taken. Safe to repeat.
-- KEYS: 1 as in take_once. ARGV: 1 the request, 2 how long it is kept in ms
local kept = redis.call('GET', KEYS[1])
local taker, put_back_by, what = string.match(kept or '', '^([^, ]+)(%S*) (.*)$')
if taker == '-' or taker == ARGV[1] then
  if not string.find(put_back_by, ARGV[1], 1, true) then
    put_back_by = put_back_by .. ',' .. ARGV[1]
  end
  redis.call('SET', KEYS[1], '-' .. put_back_by .. ' ' .. what, 'PX', ARGV[2])
end
return {}
