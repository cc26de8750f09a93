-- Frees an idempotency key whose owner died before anything of its answer was written. KEYS: 1 the claim. ARGV: 1 the answer it was claimed for
if redis.call('HGET', KEYS[1], 'answer') == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return 'released'
