-- Redis' own clock decides, in milliseconds.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local minute_length, hour_length, day_length = 60000, 3600000, 86400000

-- A value of a day is known for 25 hours after its last change, an idempotency key for 24 after its claim.
local day_life, claim_life = 25 * hour_length, day_length

-- A time that was set at most `longest` ago: one that lies further ahead was set before the clock went back, and is over.
local function ahead(time, longest)
  return time and time <= now + longest and time or 0
end

-- An integer as Redis wants it: Lua would print 1.8e+12.
local function whole(number)
  return string.format('%.0f', number)
end
