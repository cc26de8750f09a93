-- Reads on in the replay buffer of an answer, marks it as followed, and counts its followers while it runs: a refused follower is given no bytes.
-- KEYS: 1 the buffer; for a follower 2 its mark, 3 the places of the user's followers (zset of requests by the end of their lease)
-- ARGV: 1 the first byte, 2 the most bytes, 3 length of the buffer's head, 4 of its longest end
--   for a follower: 5 its request, 6 'enter' (if the buffer shows that the answer runs), 'enter anyway', 'renew' or 'keep', 7 a place's lease in ms, 8 the most places,
--   9 the mark's life in ms
local from, head_length = tonumber(ARGV[1]), tonumber(ARGV[3])
local whole_length, place, head, bytes = redis.call('STRLEN', KEYS[1]), '', '', ''
local ending = ''
if whole_length > 0 then
  head, ending = redis.call('GETRANGE', KEYS[1], 0, head_length - 1), redis.call('GETRANGE', KEYS[1], -tonumber(ARGV[4]), -1)
end
local mark = string.find(ending, '\0', 1, true)
ending = mark and string.sub(ending, mark) or ''
if KEYS[3] then
  local places, action = KEYS[3], ARGV[6]
  local runs = whole_length > 0 and ending == ''
  if action == 'enter anyway' or (action == 'enter' and runs) then
    redis.call('ZREMRANGEBYSCORE', places, '-inf', whole(now))
    place = redis.call('ZCARD', places) >= tonumber(ARGV[8]) and 'full' or 'taken'
  end
  if place == 'taken' or action == 'renew' then
    redis.call('ZADD', places, whole(now + tonumber(ARGV[7])), ARGV[5])
    redis.call('PEXPIRE', places, ARGV[7])
  end
  if ending == '' and place ~= 'full' then
    redis.call('SET', KEYS[2], '1', 'PX', ARGV[9])
  end
end
if place ~= 'full' and whole_length > 0 then
  local last = math.min(head_length + from + tonumber(ARGV[2]), whole_length - #ending) - 1
  bytes = redis.call('GETRANGE', KEYS[1], head_length + from, last)
end
return {'head', head, 'length', math.max(whole_length - head_length - #ending, 0), 'ended', string.sub(ending, 2), 'bytes', bytes, 'place', place}
