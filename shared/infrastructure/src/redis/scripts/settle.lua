-- Ends an answer's lease and, when nothing was delivered, gives the charge back: exactly once, because the receipt says whether it was.
-- KEYS: 4 the charge's receipt. ARGV: 1 request id, 2 '1' to refund, 3 receipt's life in ms
local receipt_key = KEYS[4]
local request = ARGV[1]

redis.call('ZREM', streams_key, request)
if ARGV[2] == '1' then
  local charged_on = redis.call('GET', receipt_key)
  if not charged_on then
    -- The admission may still be under way, overtaken by this: it will find that it was given back before it came.
    redis.call('SET', receipt_key, 'refunded', 'PX', ARGV[3])
  elseif charged_on ~= 'refunded' then
    -- The receipt outlives a late second try of the admission, which then finds it and charges nothing.
    redis.call('SET', receipt_key, 'refunded', 'KEEPTTL')
    redis.call('ZREM', minute_key, request)
    local charged_key = KEYS[3] .. charged_on
    if tonumber(redis.call('GET', charged_key) or '0') > 0 then
      redis.call('DECR', charged_key)
    end
  end
end
return answer('settled')
