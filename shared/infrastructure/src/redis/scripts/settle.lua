-- Ends an answer's lease and its charge, books its cost and tells the breaker, all of it once.
-- KEYS: 1 what all share, 2 the user, 3 the address, 4 whether the user was claimed, then the idempotency key's claim (unless ARGV 12 is '') and the replay buffer (unless ARGV 13 is '')
-- ARGV:
--   1 request id
--   2 to 6 the breaker's
--   7 how often the breaker had opened by the admission (-1: unknown)
--   8 how the model call ended
--   9 as 14 of admit.lua
--   10 what becomes of the charge: 'kept', 'undone' (minute and day), 'refused' (the same, and a strike) or 'day_returned'
--   11 the most messages that are given back a day (-1: this one does not count among them)
--   12 what the idempotency key becomes ('': it stands)
--   13 what becomes of the replay buffer: '' (the answer has none), 'drop', 'write' (nothing was appended yet) or 'end'
--   14 where the rest of the buffer begins, in bytes; 15 the rest; 16 the buffer's life in ms
--   17 the answer's cost in micro-dollars
--   18 models that were found gone, a line each
--   19 bytes that are kept of a guest's turn
--   20 what the answer says of how the chat does: 'answer', 'error' or '' (nothing)
--   21 the day's budget in micro-dollars, as in alerts ('': no operator is to be told of anything)
local all_key, user_key, address_key, claim_key = KEYS[1], KEYS[2], KEYS[3], ARGV[12] ~= '' and KEYS[5]
local buffer_key = KEYS[claim_key and 6 or 5]
local request, times_opened, outcome, address, charge_end = ARGV[1], tonumber(ARGV[7]), ARGV[8], ARGV[9], ARGV[10]
local allowance, key_end, buffer_end = tonumber(ARGV[11]), ARGV[12], ARGV[13]

local texts = redis.call('MGET', unpack(KEYS, 1, claim_key and 5 or 4))
local all, user, claim = decoded(texts[1]), read_user(texts[2]), decoded(texts[5])
local run, user_text, change = user.running[request], texts[2], ''
-- What the operator is to be told of now.
local alerts = all.alerts and all.alerts.by == request and all.alerts.of or ''

-- The request whose charge this one has taken over may have asked the model: unless this one asked it, too, the charge stands, and the key stands for it as before.
local was_asked = charge_end ~= 'undone' and charge_end ~= 'refused'
local stands_for = not was_asked and run and run.taken_over ~= true and run.taken_over
if stands_for and key_end == 'failed' then
  key_end = stands_for
end

-- Takes a message off the count of the day it was charged on, unless too many were, and says so. A day that is over is not counted any more.
local function give_day_back()
  if run.charged ~= day_number or user.used == 0 then
    return false
  end
  if allowance >= 0 then
    if user.returned >= allowance then
      return false
    end
    user.returned = user.returned + 1
  end
  user.used = user.used - 1
  if texts[4] and texts[4] ~= 'ended' then
    user.owed = user.owed or {}
    user.owed[request] = texts[4]
  end
  return true
end

local function give_minute_back()
  for at = 1, #user.minute, 2 do
    if user.minute[at] == run.place then
      user.minute[at + 1] = user.minute[at + 1] - 1
      if user.minute[at + 1] == 0 then
        table.remove(user.minute, at)
        table.remove(user.minute, at)
      end
      return
    end
  end
end

-- How long a model that is gone is not asked.
local gone_life = 10 * minute_length

local function remember_gone(all)
  local gone = {}
  for model, until_then in pairs(all.gone or {}) do
    gone[model] = until_then > now and until_then or nil
  end
  for model in string.gmatch(ARGV[18], '[^\n]+') do
    gone[model] = now + gone_life
  end
  all.gone = gone
end

if not user.settled[request] then
  user.running[request], user.settled[request] = nil, now + settled_life
  if run then
    -- How many have been: an answer that costs nothing leaves no other trace in what all share, by which readers know that rows have changed.
    all.ended = (all.ended or 0) + 1
    change = record_outcome(all, outcome, request, times_opened, address)
    all.ledger = read_ledger(all.ledger)
    local address_value, ledgers = read_address(texts[3], run.net or '')
    if not was_asked then
      give_minute_back()
    end
    if charge_end == 'refused' and strike(user) then
      address_value.struck_until = user.out_until
    end
    local is_returned = charge_end ~= 'kept' and not stands_for and give_day_back() and run.counted and run.day == day_number
    for _, ledger in ipairs(ledgers) do
      ledger.messages = is_returned and math.max((ledger.messages or 0) - 1, 0) or ledger.messages
      ledger.bytes = (ledger.bytes or 0) + tonumber(ARGV[19])
    end
    ledgers[#ledgers + 1] = all.ledger
    if user.ledger then
      user.ledger = read_ledger(user.ledger)
      ledgers[#ledgers + 1] = user.ledger
    end
    for _, ledger in ipairs(ledgers) do
      book(ledger, run, tonumber(ARGV[17]))
    end
    remember_gone(all)
    if ARGV[21] ~= '' then
      alerts = alerts_due(all, request, ARGV[20], tonumber(ARGV[21]))
    end
    redis.call('SET', all_key, cjson.encode(all), 'PX', day_life)
    redis.call('SET', address_key, cjson.encode(address_value), 'PX', day_life)
  end
  user_text = keep_user(user_key, user)
end
if buffer_end == 'drop' then
  -- An append that is still on its way would make a new one, which would stay for ever. Readers take this for none.
  redis.call('SET', buffer_key, '\0dropped', 'PX', minute_length)
elseif buffer_end == 'write' then
  redis.call('SET', buffer_key, ARGV[15], 'PX', ARGV[16])
elseif buffer_end == 'end' then
  redis.call('SETRANGE', buffer_key, ARGV[14], ARGV[15])
  -- Where Redis has lost it meanwhile this has made a new one, which would stay for ever.
  redis.call('PEXPIRE', buffer_key, ARGV[16])
end
if claim_key and claim.request == request then
  claim.ended = key_end
  redis.call('SET', claim_key, cjson.encode(claim), 'KEEPTTL')
end
return reply('settled', user_text, 'breaker', change, 'owed', user.owed and user.owed[request] or '', 'alerts', alerts)
