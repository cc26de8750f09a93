-- What is known of a user. Needs clock, values and ledger.
-- minute: the messages of the last 60 s: a time and the count at that time, in turn
-- day: days since 1970
-- used: messages of that day
-- returned: messages of that day that were given back
-- running: by request, the answers under way:
--   at: when it was admitted
--   place: its time in `minute` (values that are in use have the name)
--   ends: the end of its lease
--   charged: the day that it is charged on
--   answer: the answer's id
--   continues: true if it continues that answer
--   day, hour, slot, held, net: where the ledgers have its reservation
--   counted: true if it is among its address' messages
--   taken_over: how the earlier request ended whose charge it has taken over, and which may have asked the model
-- settled: by request, when an ended answer is forgotten: its admission may still be under way, overtaken by the settlement
-- owed: by request, the account that the day's message of an ended answer is to be given back to, because the guest was claimed since: a settlement says it as
--   often as it is asked. As long as `settled` knows the request; there are none in most values
-- refusals: strikes since `refused_since`
-- out_until: the end of the pause after too many of them
-- ledger: an account's
-- blocked: until when the operator has shut the user out

-- A lease that ended this long ago belongs to an instance that will not settle any more.
local running_life = 15 * minute_length
-- An admission that its own settlement has overtaken comes within this time.
local settled_life = minute_length
-- A user who is refused `strikes_allowed` times within `out_life` is out for as long.
local strikes_allowed, out_life = 20, 10 * minute_length

local function read_user(user_text)
  local user = decoded(user_text)
  local minute = {}
  for at = 1, #(user.minute or {}), 2 do
    if user.minute[at] > now - minute_length then
      minute[#minute + 1], minute[#minute + 2] = user.minute[at], user.minute[at + 1]
    end
  end
  if user.day ~= day_number then
    user.day, user.used, user.returned = day_number, 0, 0
  end
  user.minute, user.running, user.settled = minute, user.running or {}, user.settled or {}
  for request, answer in pairs(user.running) do
    if answer.ends < now - running_life then
      user.running[request] = nil
    end
  end
  for request, forgotten in pairs(user.settled) do
    if forgotten <= now then
      user.settled[request] = nil
    end
  end
  for request in pairs(user.owed or {}) do
    if not user.settled[request] then
      user.owed[request] = nil
    end
  end
  if user.owed and not next(user.owed) then
    user.owed = nil
  end
  return user
end

-- Counts a refusal of the user. Returns whether it was the last that is allowed, so that the user is out.
local function strike(user)
  if now - (user.refused_since or 0) > out_life then
    user.refused_since, user.refusals = now, 0
  end
  user.refusals = user.refusals + 1
  if user.refusals < strikes_allowed then
    return false
  end
  user.out_until, user.refused_since, user.refusals = now + out_life, nil, nil
  return true
end

-- Writes it, and gives back what was written.
local function keep_user(key, user)
  local text = cjson.encode(user)
  redis.call('SET', key, text, 'PX', whole(math.max(day_life, (user.blocked or 0) - now)))
  return text
end

-- A verdict, where the user stands, and further names and values that belong to the verdict.
local function reply(verdict, user_text, ...)
  return {'verdict', verdict, 'now', whole(now), 'user', user_text or '', ...}
end
