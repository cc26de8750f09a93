-- Appends to the replay buffer of a running answer, from which other readers are served. Needs clock. Bytes are appended once: of a batch that was
-- appended before, or in part, only what is missing.
-- `log_key`: the bytes so far; `run_key`: a hash: request, user, before (characters of the answer before this run), at, stop (characters, or 'all'),
-- stop_run (the request that is to stop), ended.
local function append(log_key, run_key, request, user, before, length, bytes, life)
  local of = redis.call('HGET', run_key, 'request')
  if of and of ~= request then
    -- An answer that is continued begins its buffer anew; a wish that it stop may have come before its first batch.
    local stop = redis.call('HMGET', run_key, 'stop', 'stop_run')
    redis.call('DEL', log_key, run_key)
    if stop[2] == request then
      redis.call('HSET', run_key, 'stop', stop[1], 'stop_run', request)
    end
  end
  local known = redis.call('STRLEN', log_key) - tonumber(length)
  if known >= 0 and known < #bytes then
    redis.call('APPEND', log_key, string.sub(bytes, known + 1))
  end
  redis.call('PEXPIRE', log_key, life)
  redis.call('HSET', run_key, 'request', request, 'user', user, 'before', before, 'at', whole(now))
  redis.call('PEXPIRE', run_key, life)
end
