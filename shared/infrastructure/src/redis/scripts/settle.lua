-- Ends an answer's lease and its charge and tells the breaker, all of it once: the receipt says whether it was done.
-- KEYS: 1 to 3 where the user stands, 4 the receipt, 5 the breaker, 6 the idempotency key's claim ('': none), 7 the claim on the answer that was continued ('': none),
--   8 the replay buffer's bytes, 9 its run ('': no buffer)
-- ARGV: 1 request id, 2 to 7 the breaker's, 8 the opening at its admission (-1: unknown), 9 how the model call ended, 10 the sender's address, hashed,
--   11 what becomes of the charge: 'kept', 'undone' (minute and day) or 'day_returned', 12 days' messages that are given back a day at most (-1: this one is not
--   counted), 13 receipt's life in ms, 14 what the idempotency key becomes ('': it stands), 15 the user, 16 how the answer ended, 17 length of the buffer
--   before (-1: it is thrown away), 18 the rest of it, 19 its life in ms, 20 characters of the answer before this run
local receipt_key, claim_key, continued_key, log_key, run_key = KEYS[4], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local request, opening, outcome, address, charge_end = ARGV[1], tonumber(ARGV[8]), ARGV[9], ARGV[10], ARGV[11]
local allowance, receipt_life, key_end, user, status = tonumber(ARGV[12]), ARGV[13], ARGV[14], ARGV[15], ARGV[16]
local length, rest, buffer_life, before = ARGV[17], ARGV[18], ARGV[19], ARGV[20]

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
  redis.call('SET', receipt_key, 'settled', 'PX', receipt_life)
end
if charged_on and charged_on ~= 'settled' then
  change = heard(outcome, request, opening, address)
  if charge_end == 'undone' then
    redis.call('ZREM', minute_key, request)
  end
  if charge_end ~= 'kept' then
    give_day_back(charged_on)
  end
end
if run_key ~= '' then
  if length == '-1' then
    redis.call('DEL', log_key)
  end
  append(log_key, run_key, request, user, before, length, rest, buffer_life)
  redis.call('HSET', run_key, 'ended', status)
end
if claim_key ~= '' and key_end ~= '' and redis.call('HGET', claim_key, 'request') == request then
  redis.call('HSET', claim_key, 'ended', key_end)
end
if continued_key ~= '' and redis.call('GET', continued_key) == request then
  redis.call('DEL', continued_key)
end
return reply('settled', 'breaker', change)
