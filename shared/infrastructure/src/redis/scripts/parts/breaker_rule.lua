-- When the breaker opens and closes, and which address leaves the next probe to others. Who may probe: admit.lua. Needs breaker; takes the same arguments.
local breaker_pause, counts_once_in, probes_again_after, most_addresses = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

-- `addresses` with one more, and without those whose time is over; the one whose time comes first makes room where there are too many.
local function with_address(addresses, address, until_then)
  local kept, count, first = {}, 0, nil
  for other, time in pairs(addresses or {}) do
    if time > now then
      kept[other], count = time, count + 1
      first = (not first or time < kept[first]) and other or first
    end
  end
  if count >= most_addresses then
    kept[first] = nil
  end
  kept[address] = until_then
  return kept
end

-- Records how a model call ended: 'answered', 'failed' or 'inconclusive'. Returns what changed ('opened', 'closed' or '')
-- and whether anything of `all` did.
local function record_outcome(all, outcome, request, times_opened, address)
  local breaker = read_breaker(all)
  local current, is_open, is_probe = breaker.opening or 0, (breaker.open_until or 0) > 0, breaker.probe == request
  local failures = breaker.failures or 0
  -- A call of before the last opening knows nothing about the model as it is now; while it is open, only the probe does.
  if threshold == 0 or times_opened ~= current or (is_open and not is_probe) then
    return '', false
  end
  local change = ''
  if outcome == 'answered' then
    if not is_open and failures == 0 then
      return '', false
    end
    change = is_open and 'closed' or ''
    breaker.failures, breaker.counted, breaker.open_until = nil, nil, nil
  elseif outcome == 'failed' then
    if not is_open and ((breaker.counted or {})[address] or 0) > now then
      return '', false
    elseif is_open or failures + 1 >= threshold then
      change = 'opened'
      breaker.failures, breaker.counted = nil, nil
      breaker.opening, breaker.open_until = current + 1, now + breaker_pause
    else
      breaker.failures, breaker.counted = failures + 1, with_address(breaker.counted, address, now + counts_once_in)
    end
  elseif is_probe then
    -- The next probe should be another address': a visitor who leaves or asks for nothing at will cannot keep the breaker open.
    breaker.rested = with_address(breaker.rested, address, now + probes_again_after)
  else
    return '', false
  end
  if is_probe then
    breaker.probe, breaker.probe_until = nil, nil
  end
  return change, true
end
