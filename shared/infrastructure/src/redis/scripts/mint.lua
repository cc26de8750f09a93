-- Counts one new guest of an address. KEYS: 1 prefix of the day's counter. ARGV: 1 guests a day
local key = KEYS[1] .. today .. ':guests'
if tonumber(redis.call('GET', key) or '0') >= tonumber(ARGV[1]) then
  return {'day', whole(now), whole(day_end)}
end
redis.call('INCR', key)
redis.call('PEXPIREAT', key, whole(day_end))
return {'admitted', whole(now), whole(day_end)}
