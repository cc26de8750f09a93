-- The breaker's state, one for all instances. Needs clock.
-- KEYS: 5 a hash: failures in a row; counted, the addresses among them; opening, which counts up each time it opens; open_until (0: closed);
--   probe, the request that tries the model while all others wait, and probe_until, when another may; rested, addresses whose probe said
--   nothing and that leave the next one to others
-- ARGV: 2 failures in a row that open it (0: it is off), 3 how long it stays open, 4 the time in which an address counts once, 5 the time in which one that
--   has probed for nothing does not probe again, 6 how many addresses are known at most, 7 the hash's life; times in ms
local breaker_key, threshold, breaker_life = KEYS[5], tonumber(ARGV[2]), ARGV[7]

-- Addresses with a time each, written 'address=time address=time'; only those whose time is still to come.
local function addresses_of(text)
  local addresses, count = {}, 0
  for address, until_then in string.gmatch(text or '', '(%w+)=(%d+)') do
    if tonumber(until_then) > now then
      addresses[address], count = tonumber(until_then), count + 1
    end
  end
  return addresses, count
end
