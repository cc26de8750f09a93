-- The breaker, a part of what all share. Needs clock and values.
-- failures in a row; counted, the addresses among them; opening, which counts up each time it opens; open_until (nothing: closed); probe, the request that tries
--   the model while all others wait, and probe_until, when another may; rested, addresses whose probe said nothing and that leave the next one to others
-- ARGV: 2 failures in a row that open it (0: it is off), 3 how long it stays open, 4 the time in which an address counts once, 5 the time in which one that
--   has probed for nothing does not probe again, 6 how many addresses are known at most; times in ms
local threshold = tonumber(ARGV[2])

local function read_breaker(all)
  all.breaker = all.breaker or {}
  return all.breaker
end
