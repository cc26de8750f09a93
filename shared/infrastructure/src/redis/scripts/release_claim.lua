-- Notes of an idempotency key that its owner died before anything of its answer was written: who repeats the request takes its charge over.
-- KEYS: 1 the claim. ARGV: 1 the answer it was claimed for
if redis.call('HGET', KEYS[1], 'answer') == ARGV[1] then
  redis.call('HSETNX', KEYS[1], 'ended', 'dead')
end
return {}
