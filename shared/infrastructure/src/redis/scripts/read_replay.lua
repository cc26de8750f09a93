-- Reads on in the replay buffer of an answer, and counts who reads along while it runs: a refused reader is given nothing.
-- KEYS: 1 the buffer's bytes, 2 its run, 3 places of the user's readers (zset of requests by the end of their lease; '': the reader is not counted)
-- ARGV: 1 from where, in bytes, 2 how many at most, 3 the user, 4 the reader's request, 5 'enter' (if the buffer shows that the answer runs),
--   'enter anyway', 'renew' or 'keep', 6 a place's lease in ms, 7 places
local run = redis.call('HMGET', KEYS[2], 'user', 'ended', 'at', 'before', 'request')
local from, places, wish = tonumber(ARGV[1]), KEYS[3], ARGV[5]
local place, length, bytes = '', 0, ''
if places ~= '' then
  local runs = run[1] == ARGV[3] and not run[2]
  if wish == 'enter anyway' or (wish == 'enter' and runs) then
    redis.call('ZREMRANGEBYSCORE', places, '-inf', whole(now))
    place = redis.call('ZCARD', places) >= tonumber(ARGV[7]) and 'full' or 'taken'
  end
  if place == 'taken' or wish == 'renew' then
    redis.call('ZADD', places, whole(now + tonumber(ARGV[6])), ARGV[4])
    redis.call('PEXPIRE', places, ARGV[6])
  end
end
if place ~= 'full' then
  length, bytes = redis.call('STRLEN', KEYS[1]), redis.call('GETRANGE', KEYS[1], from, from + tonumber(ARGV[2]) - 1)
end
return {
  'user', run[1] or '', 'request', run[5] or '', 'ended', run[2] or '', 'silent', run[3] and whole(now - tonumber(run[3])) or '-1',
  'before', run[4] or '0', 'length', length, 'bytes', bytes, 'place', place,
}
