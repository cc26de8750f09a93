-- The breaker, a part of what all share. Needs clock and values.
-- failures: in a row
-- counted: the addresses of these failures, by the time until which each counts once
-- opening: the number of times it has opened
-- open_until: when a probe may be sent; missing while it is closed
-- probe: the request that tries the model while all others wait
-- probe_until: when another request may probe
-- rested: addresses whose probe was inconclusive, by the time until which they leave the next probe to others
-- ARGV: 2 failures in a row that open it (0: off), 3 how long it stays open, 4 the time in which an address counts once, 5 how long an address rests after an
--   inconclusive probe, 6 the most addresses that are known; times in ms
local threshold = tonumber(ARGV[2])

local function read_breaker(all)
  all.breaker = all.breaker or {}
  return all.breaker
end
