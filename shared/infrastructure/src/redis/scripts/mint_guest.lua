-- Counts one new guest of an address. KEYS: 1 the address. ARGV: 1 guests a day
local day_number = math.floor(now / 86400000)
local address, verdict = decoded(redis.call('GET', KEYS[1])), 'day'
if address.day ~= day_number then
  address.day, address.guests = day_number, 0
end
if address.guests < tonumber(ARGV[1]) then
  address.guests = address.guests + 1
  redis.call('SET', KEYS[1], cjson.encode(address), 'PX', day_life)
  verdict = 'admitted'
end
return {'verdict', verdict, 'now', whole(now)}
