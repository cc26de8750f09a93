-- Asks whoever records an answer to end it. KEYS: 1 the answer's run. ARGV: 1 characters the reader has seen, or 'all', 2 the wish's life in ms
redis.call('HSET', KEYS[1], 'stop', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 'asked'
