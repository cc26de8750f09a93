-- Work that clients have shown (proof of work). Needs clock and values.
-- spent: proofs that were taken, by their nonce, until they would be too old anyway; struck_until: a user of this address was refused too often
local proof_life, most_spent = 660000, 256

-- How many zero bits an address is asked for: two more while one of its users is out.
local function work_of(address, bits)
  return bits + ((address.struck_until or 0) > now and 2 or 0)
end

-- Whether the proof is enough, and was not taken before. One bit less is the number of a moment ago. Full: when there is room for another proof.
local function is_worked_for(address, needed, nonce, bits)
  local spent, count, room_at = {}, 0, nil
  for known, ends in pairs(address.spent or {}) do
    if ends > now then
      spent[known], count, room_at = ends, count + 1, math.min(room_at or ends, ends)
    end
  end
  address.spent = spent
  return nonce ~= '' and bits >= needed - 1 and not spent[nonce], count >= most_spent and room_at
end

local function spend(address, nonce)
  address.spent[nonce] = now + proof_life
end
