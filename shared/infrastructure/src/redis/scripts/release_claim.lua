-- Marks a claim whose request died before it wrote anything. The same request, repeated, takes over the charge.
-- KEYS: 1 the claim. ARGV: 1 the answer it was claimed for, 2 what it becomes
local claim = decoded(redis.call('GET', KEYS[1]))
if claim.answer == ARGV[1] and not claim.ended then
  claim.ended = ARGV[2]
  redis.call('SET', KEYS[1], cjson.encode(claim), 'KEEPTTL')
end
return {}
