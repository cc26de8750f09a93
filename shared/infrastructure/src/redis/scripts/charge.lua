-- Charges. A receipt says of a request: the day on which it was counted, 'delivered' once something of its answer was copied, or 'refunded'.
-- KEYS: 4 prefix of the user's receipts
local receipts = KEYS[4]

-- Gives a charge back, once; what was delivered stays paid.
local function give_back(request)
  local charged_on = redis.call('GET', receipts .. request)
  if not charged_on or charged_on == 'refunded' or charged_on == 'delivered' then
    return
  end
  -- The receipt outlives a late second try of the admission, which then finds it and charges nothing.
  redis.call('SET', receipts .. request, 'refunded', 'KEEPTTL')
  redis.call('ZREM', minute_key, request)
  local charged_key = KEYS[3] .. charged_on
  if tonumber(redis.call('GET', charged_key) or '0') > 0 then
    redis.call('DECR', charged_key)
  end
end

-- Ends the leases that nobody renews any more: their instances have died. Where answers are copied while they run ('1'), one without a copy
-- had delivered nothing, or next to nothing, and is given back.
local function bury_the_dead(copies)
  if copies == '1' then
    for _, request in ipairs(redis.call('ZRANGEBYSCORE', streams_key, '-inf', whole(now))) do
      give_back(request)
    end
  end
  redis.call('ZREMRANGEBYSCORE', streams_key, '-inf', whole(now))
end
