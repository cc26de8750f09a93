-- When the breaker opens, who probes and when it closes. Needs breaker; takes the same arguments.
local breaker_pause, counts_once_in, probes_again_after, most_addresses = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

-- The same as text, with one more address; the one whose time comes first makes room where there are too many.
local function with_address(text, address, until_then)
  local addresses, count = addresses_of(text)
  if count >= most_addresses then
    local first
    for other in pairs(addresses) do
      first = (not first or addresses[other] < addresses[first]) and other or first
    end
    addresses[first] = nil
  end
  addresses[address] = until_then
  local words = {}
  for other, time in pairs(addresses) do
    words[#words + 1] = other .. '=' .. whole(time)
  end
  return table.concat(words, ' ')
end

-- Takes in how a model call ended: 'answered', 'failed' or 'none' (it says nothing about the model). Gives back what changed: 'opened', 'closed' or ''.
local function heard(outcome, request, opening, address)
  local state = redis.call('HMGET', breaker_key, 'opening', 'open_until', 'probe', 'failures', 'counted', 'rested')
  local current, is_open, is_probe = tonumber(state[1] or '0'), tonumber(state[2] or '0') > 0, state[3] == request
  local failures = tonumber(state[4] or '0')
  -- A call of before the last opening knows nothing about the model as it is now; while it is open, only the probe does.
  if threshold == 0 or opening ~= current or (is_open and not is_probe) then
    return ''
  end
  local change = ''
  if outcome == 'answered' then
    if not is_open and failures == 0 then
      return ''
    end
    change = is_open and 'closed' or ''
    redis.call('HSET', breaker_key, 'failures', 0, 'counted', '', 'open_until', 0)
  elseif outcome == 'failed' then
    if not is_open and addresses_of(state[5])[address] then
      return ''
    elseif is_open or failures + 1 >= threshold then
      change = 'opened'
      redis.call('HSET', breaker_key, 'failures', 0, 'counted', '', 'opening', current + 1, 'open_until', whole(now + breaker_pause))
    else
      redis.call('HSET', breaker_key, 'failures', failures + 1, 'counted', with_address(state[5], address, now + counts_once_in))
    end
  elseif is_probe then
    -- The next probe should be another address': a visitor who leaves or asks for nothing at will cannot keep the breaker open.
    redis.call('HSET', breaker_key, 'rested', with_address(state[6], address, now + probes_again_after))
  else
    return ''
  end
  if is_probe then
    redis.call('HDEL', breaker_key, 'probe', 'probe_until')
  end
  redis.call('PEXPIRE', breaker_key, breaker_life)
  return change
end
