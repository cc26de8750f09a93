-- Gives a reader's place back. KEYS: 1 places of the user's readers. ARGV: 1 the reader's request
redis.call('ZREM', KEYS[1], ARGV[1])
return {}
