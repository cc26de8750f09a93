-- Counts one new guest of an address. KEYS: 1 prefix of the day's counter. ARGV: 1 guests a day
local key, verdict = KEYS[1] .. today .. ':guests', 'day'
if tonumber(redis.call('GET', key) or '0') < tonumber(ARGV[1]) then
  redis.call('INCR', key)
  redis.call('PEXPIREAT', key, whole(day_end))
  verdict = 'admitted'
end
return {'verdict', verdict, 'now', whole(now), 'day_resets_at', whole(day_end)}
