-- Ends an answer's lease and its charge and tells the breaker, all of it once: the receipt says whether it was done.
-- KEYS: 4 the receipt, 6 the idempotency key's claim ('': none), 7 the claim on the answer that was continued ('': none), 8 the answer's copy, 9 its run ('': no copy)
-- ARGV: 1 request id, 2 what becomes of the charge: 'kept', 'undone' (minute and day) or 'day_returned', 3 receipt's life in ms, 4 how the model call ended,
--   5 the opening at its admission (-1: unknown), 6 failures in a row that open the breaker, 7 how the answer ended, 8 length of the copy before (-1: it is thrown away),
--   9 the rest of it, 10 the copy's life in ms, 11 the user, 12 characters of the answer before this run, 13 days' messages that are given back a day at most
--   (-1: this one is not counted), 14 what the idempotency key becomes ('': it stands), 15 the sender's address, hashed
local receipt_key, claim_key, continued_key, log_key, run_key = KEYS[4], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local request, charge_end, allowance = ARGV[1], ARGV[2], tonumber(ARGV[13])

-- Takes a message off the count of the day it was charged on, unless too many were.
local function give_day_back(charged_on)
  local charged_key = KEYS[3] .. charged_on
  local returned_key = charged_key .. ':returned'
  if tonumber(redis.call('GET', charged_key) or '0') == 0 then
    return
  end
  if allowance >= 0 then
    if tonumber(redis.call('GET', returned_key) or '0') >= allowance then
      return
    end
    redis.call('INCR', returned_key)
    redis.call('PEXPIREAT', returned_key, whole(day_end))
  end
  redis.call('DECR', charged_key)
end

redis.call('ZREM', streams_key, request)
local charged_on, change = redis.call('GET', receipt_key), ''
if charged_on ~= 'settled' then
  -- It outlives a late second try of the admission, which then finds it and charges nothing: the admission may still be under way, overtaken by this.
  redis.call('SET', receipt_key, 'settled', 'PX', ARGV[3])
end
if charged_on and charged_on ~= 'settled' then
  change = heard(ARGV[4], request, tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[15])
  if charge_end == 'undone' then
    redis.call('ZREM', minute_key, request)
  end
  if charge_end ~= 'kept' then
    give_day_back(charged_on)
  end
end
if run_key ~= '' then
  if ARGV[8] == '-1' then
    redis.call('DEL', log_key)
  end
  copy(log_key, run_key, request, ARGV[11], ARGV[12], ARGV[8], ARGV[9], ARGV[10])
  redis.call('HSET', run_key, 'ended', ARGV[7])
end
if claim_key ~= '' and ARGV[14] ~= '' and redis.call('HGET', claim_key, 'request') == request then
  redis.call('HSET', claim_key, 'ended', ARGV[14])
end
if continued_key ~= '' and redis.call('GET', continued_key) == request then
  redis.call('DEL', continued_key)
end
local reply = answer('settled')
reply[#reply + 1] = change
return reply
