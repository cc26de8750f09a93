-- Counts one new guest of an address. Three a day are free; up to the daily number the required bits rise, beyond it they are at their maximum, and at ten times the
-- number guests are refused. Without proof of work the daily number itself is the end. An IPv6 /48 has ten times the numbers of a /64.
-- KEYS: 1 the address
-- ARGV: 1 guests a day, 2 the /64 of an IPv6 address ('' for IPv4), 3 whether they are worked for ('1'), 4 the proof's nonce ('' without a proof), 5 its bits
local free_guests, guest_bits_least, guest_bits_most = 3, 16, 20
local per_day, net, works, nonce, bits = tonumber(ARGV[1]), ARGV[2], ARGV[3] == '1', ARGV[4], tonumber(ARGV[5])
local address = decoded(redis.call('GET', KEYS[1]))
local guests = address.guests
if not guests or guests.day ~= day_number then
  guests = {day = day_number, all = 0, nets = {}, count = 0}
end
local in_pool = net == '' and 1 or net_to_pool
if net ~= '' and not guests.nets[net] then
  if guests.count >= most_nets then
    net = 'others'
  else
    guests.count = guests.count + 1
  end
end
local of_net = guests.nets[net] or 0

local function reply(verdict, until_then, needed)
  return {'verdict', verdict, 'now', whole(now), 'until', whole(until_then or 0), 'bits', needed or 0}
end

if is_blocked(address) then
  return reply('blocked')
end
local most, midnight = per_day * (works and beyond or 1), (day_number + 1) * day_length
if of_net >= most or guests.all >= most * in_pool then
  return reply('day', midnight)
end
if works and (of_net >= free_guests or guests.all >= free_guests * in_pool) then
  local part = math.max(of_net, guests.all / in_pool) / math.max(per_day, 1)
  local more_bits = math.floor(part * (guest_bits_most - guest_bits_least))
  local needed = work_of(address, math.min(guest_bits_least + more_bits, guest_bits_most))
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
