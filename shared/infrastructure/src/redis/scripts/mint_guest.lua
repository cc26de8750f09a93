-- Counts one new guest of an address. KEYS: 1 the address. ARGV: 1 guests a day, 2 the /64 of an IPv6 address ('': it is none)
local day_number = math.floor(now / 86400000)
local address, verdict, per_day, net = decoded(redis.call('GET', KEYS[1])), 'day', tonumber(ARGV[1]), ARGV[2]
local guests = address.guests
if not guests or guests.day ~= day_number then
  guests = {day = day_number, all = 0, nets = {}, count = 0}
end
-- A /48 has 65,536 of them: those that come late share one.
if net ~= '' and not guests.nets[net] then
  if guests.count >= 64 then
    net = 'others'
  else
    guests.count = guests.count + 1
  end
end
local of_net = guests.nets[net] or 0
if of_net < per_day and guests.all < per_day * (net == '' and 1 or 10) then
  guests.nets[net], guests.all = of_net + 1, guests.all + 1
  address.guests = guests
  redis.call('SET', KEYS[1], cjson.encode(address), 'PX', day_life)
  verdict = 'admitted'
end
return {'verdict', verdict, 'now', whole(now)}
