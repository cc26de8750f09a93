-- Reads on in the copy of an answer, and counts who reads along while it runs: a refused reader is given nothing.
-- KEYS: 1 the copy, 2 its run, 3 places of the user's readers (zset of requests by the end of their lease; '': nobody is counted)
-- ARGV: 1 from where, in bytes, 2 how many at most, 3 the user, 4 the reader's request, 5 'enter' (if the copy shows that the answer runs), 'enter anyway', 'renew' or 'keep',
--   6 a place's lease in ms, 7 places
local run = redis.call('HMGET', KEYS[2], 'user', 'ended', 'at', 'before', 'request')
local from, places, wish = tonumber(ARGV[1]), KEYS[3], ARGV[5]
local silent = run[3] and whole(now - tonumber(run[3])) or '-1'
local place = ''
if places ~= '' then
  local runs = run[1] == ARGV[3] and not run[2]
  if wish == 'enter anyway' or (wish == 'enter' and runs) then
    redis.call('ZREMRANGEBYSCORE', places, '-inf', whole(now))
    if redis.call('ZCARD', places) >= tonumber(ARGV[7]) then
      return {run[1] or '', run[2] or '', silent, run[4] or '0', 0, '', run[5] or '', 'full'}
    end
    place = 'taken'
  end
  if place == 'taken' or wish == 'renew' then
    redis.call('ZADD', places, whole(now + tonumber(ARGV[6])), ARGV[4])
    redis.call('PEXPIRE', places, ARGV[6])
  end
end
return {run[1] or '', run[2] or '', silent, run[4] or '0', redis.call('STRLEN', KEYS[1]), redis.call('GETRANGE', KEYS[1], from, from + tonumber(ARGV[2]) - 1), run[5] or '', place}
