-- Work that clients have shown (proof of work). Needs clock and values.
-- taken: the beginnings of the proofs' nonces, in a row for each minute (since 1970) from which on they would be too old anyway: so an address that works much
-- has a small value; struck_until: a user of this address was refused too often
-- A nonce is remembered for a minute longer than its challenge can be answered.
local proof_life, most_taken, beginning, bits_while_struck = 11 * minute_length, 2048, 8, 2
-- Beyond a day's number each guest or message is worked for; at this many times the number all are refused.
local beyond = 10

-- How many zero bits an address is asked for: more while one of its users is out.
local function work_of(address, bits)
  return bits + ((address.struck_until or 0) > now and bits_while_struck or 0)
end

-- Accepts one bit less, because the number may have risen since the challenge. Second result: when there is room again, if too many proofs are remembered.
local function is_worked_for(address, needed, nonce, bits)
  local taken, count, room_at, is_taken = {}, 0, nil, false
  for minute, nonces in pairs(address.taken or {}) do
    local ends = tonumber(minute) * minute_length
    if ends > now then
      taken[minute], count, room_at = nonces, count + #nonces / beginning, math.min(room_at or ends, ends)
      is_taken = is_taken or string.find(nonces, string.sub(nonce, 1, beginning), 1, true) ~= nil
    end
  end
  address.taken = taken
  return #nonce >= beginning and bits >= needed - 1 and not is_taken, count >= most_taken and room_at
end

local function spend(address, nonce)
  local minute = whole(math.ceil((now + proof_life) / minute_length))
  address.taken[minute] = (address.taken[minute] or '') .. string.sub(nonce, 1, beginning)
end
