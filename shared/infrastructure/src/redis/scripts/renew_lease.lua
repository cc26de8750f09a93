-- Renews a running answer's lease, also one that ended while the first byte was waited for, and the life of its replay buffer. A settled answer has no lease, and
-- this makes none, however late it comes.
-- KEYS: 1 the user, 2 the replay buffer. ARGV: 1 request id, 2 from its admission to the end of the lease, in ms, 3 the buffer's life in ms
local user = decoded(redis.call('GET', KEYS[1]))
local run = user.running and user.running[ARGV[1]]
if run then
  run.ends = run.at + tonumber(ARGV[2])
  redis.call('SET', KEYS[1], cjson.encode(user), 'KEEPTTL')
end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return {}
