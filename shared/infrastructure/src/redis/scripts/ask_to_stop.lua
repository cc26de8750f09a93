-- Asks the recorder of an answer to end it.
-- KEYS: 1 the answer's run. ARGV: 1 characters the reader has seen, or 'all', 2 the wish's life in ms, 3 the run that is meant
redis.call('HSET', KEYS[1], 'stop', ARGV[1], 'stop_run', ARGV[3])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return {}
