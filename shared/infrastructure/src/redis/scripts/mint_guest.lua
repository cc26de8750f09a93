-- Counts one new guest of an address. The first three of a day are free, the others are worked for, the more the fewer are left; beyond the number of a day each
-- costs the most, and ten times as many are the end. Nobody works where that is off: then the number is the end.
-- KEYS: 1 the address. ARGV: 1 guests a day, 2 the /64 of an IPv6 address ('': it is none), 3 whether they are worked for ('1'), 4 the proof's nonce ('': none), 5 its bits
local day_number = math.floor(now / 86400000)
local per_day, net, works, nonce, bits = tonumber(ARGV[1]), ARGV[2], ARGV[3] == '1', ARGV[4], tonumber(ARGV[5])
local address = decoded(redis.call('GET', KEYS[1]))
local guests = address.guests
if not guests or guests.day ~= day_number then
  guests = {day = day_number, all = 0, nets = {}, count = 0}
end
-- An IPv6 /48 may make ten times as many as a /64 of it, of which it has 65,536: those that come late share one.
local in_pool = net == '' and 1 or 10
if net ~= '' and not guests.nets[net] then
  if guests.count >= 64 then
    net = 'others'
  else
    guests.count = guests.count + 1
  end
end
local of_net = guests.nets[net] or 0

local function reply(verdict, until_then, needed)
  return {'verdict', verdict, 'now', whole(now), 'until', whole(until_then or 0), 'bits', needed or 0}
end

local most, midnight = per_day * (works and 10 or 1), (day_number + 1) * 86400000
if of_net >= most or guests.all >= most * in_pool then
  return reply('day', midnight)
end
if works and (of_net >= 3 or guests.all >= 3 * in_pool) then
  local part = math.max(of_net, guests.all / in_pool) / math.max(per_day, 1)
  local needed = work_of(address, math.min(16 + math.floor(part * 4), 20))
  local is_enough, room_at = is_worked_for(address, needed, nonce, bits)
  if room_at then
    return reply('day', room_at)
  elseif not is_enough then
    return reply('challenge', nil, needed)
  end
  spend(address, nonce)
end
guests.nets[net], guests.all = of_net + 1, guests.all + 1
address.guests = guests
redis.call('SET', KEYS[1], cjson.encode(address), 'PX', day_life)
return reply('admitted')
