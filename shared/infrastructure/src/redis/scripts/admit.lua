-- Admits one message against its idempotency key, the answer it continues, the minute, the day, the running answers, the breaker and the money, all or nothing: a refusal
-- charges nothing, and writes no more than that there was one.
-- KEYS: 1 what all share, 2 the user, 3 the address, 4 that the token has ended, 5 the idempotency key's claim (only with a key)
--   6 the claim under the guest whom the user was (only with a key, and where there was one), and the last: what was refused, by day
-- ARGV:
--   1 request id
--   2 to 6 the breaker's
--   7 a probe's lease in ms
--   8 messages a minute, 9 messages a day (-1: no limit), 10 running answers of the user
--   11 the lease in ms
--   12 the resolution of the minute's times in ms
--   13 the most messages that are given back a day
--   14 the address, hashed: of the IPv6 ones a customer's are one /48 at most
--   15 the answer
--   16 how long a second continuation of it is refused, in ms (0: this is no continuation)
--   17 the request's fingerprint, 18 session, 19 question: of the idempotency key
--   20 the day's budget in micro-dollars (0: no limit), 21 the most the answer may cost, 22 how long that is reserved, in ms
--   23 the part of a day's or hour's budget that an account may have (0: the sender is a guest)
--   24 the most running answers of all (0: no limit)
--   25 the /64 of an IPv6 address ('' for IPv4)
--   26 messages a day of an address' guests (0: no limit, or the sender has an account), 27 whether those beyond are worked for ('1')
--   28 bytes a day that may be kept of these guests (0: as 26)
--   29 the proof's nonce ('' without a proof), 30 its bits
local all_key, user_key, address_key, refusals_key = KEYS[1], KEYS[2], KEYS[3], KEYS[#KEYS]
local claim_key = #KEYS > 5 and KEYS[5]
local request, probe_lease, per_minute, per_day, most_answers = ARGV[1], tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local lease, rounded_to, returns_per_day, address = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13]), ARGV[14]
local answer, continued_life, fingerprint, session, question = ARGV[15], tonumber(ARGV[16]), ARGV[17], ARGV[18], ARGV[19]
local budget, cost, held_for, account_part, most_running, net = tonumber(ARGV[20]), tonumber(ARGV[21]), tonumber(ARGV[22]), tonumber(ARGV[23]), tonumber(ARGV[24]), ARGV[25]
local address_messages, works, address_bytes, nonce, bits = tonumber(ARGV[26]), ARGV[27] == '1', tonumber(ARGV[28]), ARGV[29], tonumber(ARGV[30])

-- A budget is shared from this part of it on: what an address may have of it then (a /48 twice as much), and of the running answers of all at any time.
local shared_from, address_part = 0.5, 0.2
-- The part of the day's budget that an hour has, and the part from which on the operator is told.
local hour_part, low_from = 0.25, 0.8
-- Zero bits that a message beyond its address' number is worked for.
local message_bits = 18

-- For how many days it is known what was refused: as long as the operator may look back, and a day.
local refusals_days = 33

local texts = redis.call('MGET', unpack(KEYS, 1, #KEYS - 1))
local all, user, claim = decoded(texts[1]), read_user(texts[2]), decoded(texts[5] or texts[6])
local breaker = read_breaker(all)

-- Models that were found gone, by the time until which that is remembered.
local gone_models = {}
for model, until_then in pairs(all.gone or {}) do
  if until_then > now then
    gone_models[#gone_models + 1] = model
  end
end

local function admitted(user_text, is_probe, is_low)
  return reply('admitted', user_text, 'is_budget_low', is_low and 2 or all.ledger and all.ledger.is_low and 1 or 0, 'gone_models', table.concat(gone_models, '\n'), 'times_opened', breaker.opening or 0, 'is_probe', is_probe and 1 or 0, 'session', session, 'question', question)
end

-- The reply to an earlier try was lost: it has been charged and is not charged again.
if user.running[request] or user.settled[request] then
  if claim.request == request then
    session, question = claim.session, claim.question
  end
  return admitted(texts[2], breaker.probe == request)
end

if texts[4] then
  return reply(texts[4] == 'ended' and 'ended' or 'claimed', texts[2])
end

-- The day on which this was charged already: its instance died before anything of it was written, or its reader left before the first byte.
local charged_on
local has_failed = claim.ended == 'failed' or claim.ended == 'dead' or claim.ended == 'left'
if claim.request and claim.fingerprint ~= fingerprint and not has_failed then
  return reply('mismatch', texts[2])
elseif claim.ended == 'spent' then
  return reply('spent', texts[2])
elseif claim.request and not claim.ended then
  return reply('repeated', texts[2], 'session', claim.session, 'answer', claim.answer, 'age', whole(now - claim.at))
elseif claim.request and claim.fingerprint == fingerprint then
  -- It ended before its answer began. The same request reuses its rows; any other gets the key as if it were new.
  session, question = claim.session, claim.question
  -- A reader who left and asks again counts among what is given back a day.
  if claim.ended == 'dead' or (claim.ended == 'left' and user.returned < returns_per_day) then
    charged_on = claim.day
  end
end

-- Says no and counts it for the operator: a field for a day and a verdict. A message that is let in pays nothing for that.
local function deny(verdict, ...)
  if redis.call('HINCRBY', refusals_key, whole(day_number) .. ':' .. verdict, 1) == 1 then
    local old = {}
    for day = day_number - 2 * refusals_days, day_number - refusals_days do
      old[#old + 1] = whole(day) .. ':' .. verdict
    end
    redis.call('HDEL', refusals_key, unpack(old))
    redis.call('PEXPIRE', refusals_key, refusals_days * day_length)
  end
  return reply(verdict, ...)
end

if is_blocked(user) then
  return deny('blocked', texts[2])
end

if ahead(user.out_until, out_life) > now then
  return deny('out', texts[2], 'until', whole(user.out_until))
end

local function refuse(verdict)
  if strike(user) then
    local address_value = decoded(texts[3])
    address_value.struck_until = user.out_until
    redis.call('SET', address_key, cjson.encode(address_value), 'PX', day_life)
  end
  return deny(verdict, keep_user(user_key, user))
end

local minute_used, answers = 0, 0
for at = 1, #user.minute, 2 do
  minute_used = minute_used + user.minute[at + 1]
end
for other, run in pairs(user.running) do
  if run.ends > now then
    answers = answers + 1
  end
  if continued_life > 0 and run.continues and run.answer == answer and math.max(run.ends, run.at + continued_life) > now then
    return deny('continued', texts[2])
  end
end
if not charged_on and per_day >= 0 and user.used >= per_day then
  return refuse('day')
end
if minute_used >= per_minute then
  return refuse('minute')
end
if answers >= most_answers then
  return refuse('answers')
end
local probes = threshold > 0 and (breaker.open_until or 0) > 0
if probes then
  local paused_until = math.max(
    ahead(breaker.open_until, tonumber(ARGV[3])), ahead(breaker.probe_until, probe_lease), ahead((breaker.rested or {})[address], tonumber(ARGV[5])))
  if paused_until > now then
    return deny('paused', texts[2], 'until', whole(paused_until))
  end
end

all.ledger = read_ledger(all.ledger)
local address_value, ledgers, known_net = read_address(texts[3], net)
if is_blocked(address_value) then
  return deny('blocked', texts[2])
end
local hour_end, day_end = (hour_number + 1) * hour_length, (day_number + 1) * day_length
if budget > 0 then
  -- What is spent shuts a message out until the hour or the day is over. What is only held for running answers may cost less: that is a matter of seconds.
  local held, waits_until, is_crowded = sum_of(all.ledger.held), nil, false
  local function refuse_if(with_held, with_spent, until_then)
    is_crowded = is_crowded or with_held
    if with_spent then
      waits_until = math.max(waits_until or 0, until_then)
    end
  end
  -- Once half of a budget is used, each address and account is limited to its share of it.
  local function share(spent, own_spent, own_held, most, part, until_then)
    local function is_greedy(all_held, own)
      return spent + all_held >= most * shared_from and own_spent + own >= most * part
    end
    refuse_if(is_greedy(held, own_held), is_greedy(0, 0), until_then)
  end
  local function share_day_and_hour(ledger, part)
    local own_held = sum_of(ledger.held)
    share(all.ledger.spent, ledger.spent, own_held, budget, part, day_end)
    share(all.ledger.hour_spent, ledger.hour_spent, own_held, budget * hour_part, part, hour_end)
  end
  refuse_if(all.ledger.spent + held + cost > budget, all.ledger.spent + cost > budget, day_end)
  refuse_if(all.ledger.hour_spent + held + cost > budget * hour_part, all.ledger.hour_spent + cost > budget * hour_part, hour_end)
  share_day_and_hour(ledgers[1], ledgers[2] and 2 * address_part or address_part)
  if ledgers[2] then
    share_day_and_hour(ledgers[2], address_part)
  end
  if account_part > 0 then
    user.ledger = read_ledger(user.ledger)
    share_day_and_hour(user.ledger, account_part)
    ledgers[#ledgers + 1] = user.ledger
  end
  if waits_until then
    return deny('budget', texts[2], 'until', whole(waits_until))
  elseif is_crowded then
    return deny('overloaded', texts[2])
  end
end
if most_running > 0 then
  if sum_of(all.ledger.running) >= most_running or sum_of(ledgers[1].running) / most_running >= address_part then
    return deny('overloaded', texts[2])
  end
end
-- The part of what the guests of an address may have a day that they have had; a /48 may have `net_to_pool` times as much.
local pool, sender, in_pool = ledgers[1], known_net and ledgers[2] or ledgers[1], known_net and net_to_pool or 1
local function part_had(name, most)
  return math.max((sender[name] or 0) / most, (pool[name] or 0) / most / in_pool)
end
if address_bytes > 0 and part_had('bytes', address_bytes) >= 1 then
  return deny('full', texts[2], 'until', whole(day_end))
end
-- Beyond the daily number each message needs a proof; at `beyond` times the number all are refused. A retry after the reader left counts, because the model is asked
-- again; after a death it does not.
local counts = address_messages > 0 and not (charged_on and claim.ended == 'dead')
if counts then
  local part = part_had('messages', address_messages)
  if part >= beyond then
    return deny('address', texts[2], 'until', whole(day_end))
  elseif works and part >= 1 then
    local needed = work_of(address_value, message_bits)
    local is_enough, room_at = is_worked_for(address_value, needed, nonce, bits)
    if room_at then
      return deny('address', texts[2], 'until', whole(room_at))
    elseif not is_enough then
      return deny('challenge', texts[2], 'bits', needed)
    end
    spend(address_value, nonce)
  end
  pool.messages = (pool.messages or 0) + 1
  if sender ~= pool then
    sender.messages = (sender.messages or 0) + 1
  end
end

-- True once a day.
local is_low = budget > 0 and all.ledger.spent / budget >= low_from and not all.ledger.is_low
all.ledger.is_low = all.ledger.is_low or is_low or nil
local slot = whole(math.floor((now + held_for) / slot_length))
hold(all.ledger, slot, cost)
for _, ledger in ipairs(ledgers) do
  hold(ledger, slot, cost)
end
local sent = math.ceil(now / rounded_to) * rounded_to
if user.minute[#user.minute - 1] == sent then
  user.minute[#user.minute] = user.minute[#user.minute] + 1
else
  user.minute[#user.minute + 1], user.minute[#user.minute + 2] = sent, 1
end
if charged_on then
  -- This request takes the charge over; the earlier one can no longer give it back.
  user.running[claim.request], user.settled[claim.request] = nil, now + settled_life
  user.returned = user.returned + (claim.ended == 'left' and 1 or 0)
else
  user.used = user.used + 1
end
user.running[request] = {
  at = now, place = sent, ends = now + lease, charged = charged_on or day_number, answer = answer, continues = continued_life > 0 or nil,
  day = day_number, hour = hour_number, slot = slot, held = cost, net = known_net, counted = counts or nil, taken_over = charged_on and claim.ended or nil,
}
local user_text = keep_user(user_key, user)
if probes then
  breaker.probe, breaker.probe_until = request, now + probe_lease
end
redis.call('SET', all_key, cjson.encode(all), 'PX', day_life)
redis.call('SET', address_key, cjson.encode(address_value), 'PX', day_life)
if claim_key then
  claim = {fingerprint = fingerprint, request = request, session = session, question = question, answer = answer, at = now, day = charged_on or day_number}
  redis.call('SET', claim_key, cjson.encode(claim), 'PX', claim_life)
end
return admitted(user_text, probes, is_low)
