-- The breaker, one for all instances. KEYS: 5 a hash: failures in a row; opening, which counts up each time it opens; open_until (0: closed);
-- probe, the request that tries the model while all others wait, and probe_until, when another may.
local breaker_key, breaker_pause, breaker_life = KEYS[5], 30000, 3600000

-- Takes in how a model call ended: 'answered', 'failed' or 'none' (it says nothing about the model). Gives back what changed: 'opened', 'closed' or ''.
local function heard(outcome, request, opening, threshold)
  local state = redis.call('HMGET', breaker_key, 'opening', 'open_until', 'probe')
  local current, is_open, is_probe = tonumber(state[1] or '0'), tonumber(state[2] or '0') > 0, state[3] == request
  -- A call of before the last opening knows nothing about the model as it is now; while it is open, only the probe does.
  if threshold == 0 or opening ~= current or (is_open and not is_probe) then
    return ''
  end
  local change = ''
  if outcome == 'answered' then
    change = is_open and 'closed' or ''
    redis.call('HSET', breaker_key, 'failures', 0, 'open_until', 0)
  elseif outcome == 'failed' and (is_open or redis.call('HINCRBY', breaker_key, 'failures', 1) >= threshold) then
    change = 'opened'
    redis.call('HSET', breaker_key, 'failures', 0, 'opening', current + 1, 'open_until', whole(now + breaker_pause))
  end
  if is_probe then
    redis.call('HDEL', breaker_key, 'probe', 'probe_until')
  end
  redis.call('PEXPIRE', breaker_key, breaker_life)
  return change
end
