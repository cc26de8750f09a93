-- Notes of an idempotency key that its owner died before anything of its answer was written: who repeats the request takes its charge over.
-- KEYS: 1 the claim. ARGV: 1 the answer it was claimed for
local claim = decoded(redis.call('GET', KEYS[1]))
if claim.answer == ARGV[1] and not claim.ended then
  claim.ended = 'dead'
  redis.call('SET', KEYS[1], cjson.encode(claim), 'KEEPTTL')
end
return {}
