-- Ends an answer's lease and tells the breaker, both once; and when nothing was delivered, gives charge and idempotency key back: exactly once, because the receipt says whether it was.
-- KEYS: 6 the idempotency key's claim ('': none), 7 the answer's copy, 8 its run ('': no copy)
-- ARGV: 1 request id, 2 '1' to refund, 3 receipt's life in ms, 4 how the model call ended, 5 the opening at its admission (-1: unknown),
--   6 failures in a row that open the breaker, 7 how the answer ended, 8 length of the copy before (-1: it is thrown away), 9 the rest of it, 10 the copy's life in ms, 11 the user, 12 characters of the answer before this run
local claim_key, log_key, run_key = KEYS[6], KEYS[7], KEYS[8]
local request = ARGV[1]

local change = ''
if redis.call('ZREM', streams_key, request) == 1 then
  change = heard(ARGV[4], request, tonumber(ARGV[5]), tonumber(ARGV[6]))
end
if run_key ~= '' then
  if ARGV[8] == '-1' then
    redis.call('DEL', log_key)
  end
  copy(log_key, run_key, request, ARGV[11], ARGV[12], ARGV[8], ARGV[9], ARGV[10])
  redis.call('HSET', run_key, 'ended', ARGV[7])
end
if ARGV[2] == '1' then
  if redis.call('EXISTS', receipts .. request) == 0 then
    -- The admission may still be under way, overtaken by this: it will find that it was given back before it came.
    redis.call('SET', receipts .. request, 'refunded', 'PX', ARGV[3])
  else
    give_back(request)
  end
  if claim_key ~= '' and redis.call('HGET', claim_key, 'request') == request then
    redis.call('HSET', claim_key, 'freed', 1)
  end
end
local reply = answer('settled')
reply[#reply + 1] = change
return reply
