-- Appends what has come of a running answer to its replay buffer, renews its lease, and says whether a reader wants it stopped ('': none does).
-- KEYS: 1 leases of running answers, 2 the buffer's bytes, 3 its run, 4 the charge's receipt
-- ARGV: 1 request id, 2 length of the buffer before, 3 the new bytes, 4 the buffer's life in ms, 5 the lease in ms, 6 the user, 7 characters of the answer before this run
local request, lease, charged_on = ARGV[1], tonumber(ARGV[5]), redis.call('GET', KEYS[4])
append(KEYS[2], KEYS[3], request, ARGV[6], ARGV[7], ARGV[2], ARGV[3], ARGV[4])
-- Its lease may have ended while the first byte was waited for; that of a settled answer stays ended, however late this comes.
if charged_on and charged_on ~= 'settled' then
  redis.call('ZADD', KEYS[1], whole(now + lease), request)
  redis.call('PEXPIRE', KEYS[1], whole(lease))
end
local stop = redis.call('HMGET', KEYS[3], 'stop', 'stop_run')
return {'stop', stop[2] == request and stop[1] or ''}
