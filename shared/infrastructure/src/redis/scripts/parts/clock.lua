-- Redis' own clock decides, in milliseconds.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)

-- A time that was set at most `longest` ago: one that lies further ahead was set before the clock went back, and is over.
local function ahead(time, longest)
  return time and time <= now + longest and time or 0
end

-- An integer as Redis wants it: Lua would print 1.8e+12.
local function whole(number)
  return string.format('%.0f', number)
end
