-- Reads on in the copy of an answer. KEYS: 1 the copy, 2 its run. ARGV: 1 from where, in bytes, 2 how many at most
local run = redis.call('HMGET', KEYS[2], 'user', 'ended', 'at', 'before', 'request')
local from = tonumber(ARGV[1])
local silent = run[3] and whole(now - tonumber(run[3])) or '-1'
return {run[1] or '', run[2] or '', silent, run[4] or '0', redis.call('STRLEN', KEYS[1]), redis.call('GETRANGE', KEYS[1], from, from + tonumber(ARGV[2]) - 1), run[5] or ''}
