-- Admits one message against its idempotency key, the answer it continues, the minute, the day, the running answers and the breaker, all or nothing: a refusal charges nothing.
-- KEYS: 1 what all share, 2 the user, 3 the idempotency key's claim (none: without a key)
-- ARGV: 1 request id, 2 to 6 the breaker's, 7 a probe's lease in ms, 8 per minute, 9 per day (-1: no limit), 10 streams, 11 lease in ms, 12 to what the places of the minute
--   are rounded up in ms, 13 days' messages that are given back a day at most, 14 the sender's address, hashed, 15 the answer, 16 how long it cannot be continued
--   once more in ms (0: it is not continued), 17 the request's fingerprint, 18 session, 19 question
local all_key, user_key, claim_key = KEYS[1], KEYS[2], KEYS[3]
local request, probe_lease, per_minute, per_day, streams_limit = ARGV[1], tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9]), tonumber(ARGV[10])
local lease, rounded_to, returns_per_day, address = tonumber(ARGV[11]), tonumber(ARGV[12]), tonumber(ARGV[13]), ARGV[14]
local answer, continued_life, fingerprint, session, question = ARGV[15], tonumber(ARGV[16]), ARGV[17], ARGV[18], ARGV[19]

local texts = redis.call('MGET', unpack(KEYS))
local all, user, claim = decoded(texts[1]), read_user(texts[2]), decoded(texts[3])
local breaker = read_breaker(all)

local function admitted(user_text, is_probe)
  return reply('admitted', user_text, 'opening', breaker.opening or 0, 'is_probe', is_probe and 1 or 0, 'session', session, 'question', question)
end

-- The reply to an earlier try was lost: it has been charged and is not charged again.
if user.running[request] or user.settled[request] then
  if claim.request == request then
    session, question = claim.session, claim.question
  end
  return admitted(texts[2], breaker.probe == request)
end

-- The day on which this was charged already: its instance died before anything of it was written, or its reader left before the first byte.
local charged_on
local has_failed = claim.ended == 'failed' or claim.ended == 'dead' or claim.ended == 'left'
if claim.request and claim.fingerprint ~= fingerprint and not has_failed then
  return reply('mismatch', texts[2])
elseif claim.ended == 'spent' then
  return reply('gone', texts[2])
elseif claim.request and not claim.ended then
  return reply('repeated', texts[2], 'session', claim.session, 'answer', claim.answer, 'age', whole(now - claim.at))
elseif claim.request and claim.fingerprint == fingerprint then
  -- It ended before its answer began. The same request takes up what is there of it; any other takes the key as a new one.
  session, question = claim.session, claim.question
  -- A reader who left and asks again counts among what is given back a day.
  if claim.ended == 'dead' or (claim.ended == 'left' and user.returned < returns_per_day) then
    charged_on = claim.day
  end
end

local minute_used, streams = 0, 0
for at = 1, #user.minute, 2 do
  minute_used = minute_used + user.minute[at + 1]
end
for other, run in pairs(user.running) do
  if run.ends > now then
    streams = streams + 1
  end
  if continued_life > 0 and run.continues and run.answer == answer and math.max(run.ends, run.at + continued_life) > now then
    return reply('continued', texts[2])
  end
end
if not charged_on and per_day >= 0 and user.used >= per_day then
  return reply('day', texts[2])
end
if minute_used >= per_minute then
  return reply('minute', texts[2])
end
if streams >= streams_limit then
  return reply('streams', texts[2])
end
local probes = threshold > 0 and (breaker.open_until or 0) > 0
if probes then
  local paused_until = math.max(breaker.open_until, breaker.probe_until or 0, (breaker.rested or {})[address] or 0)
  if paused_until > now then
    return reply('paused', texts[2], 'until', whole(paused_until))
  end
end

local place = math.ceil(now / rounded_to) * rounded_to
if user.minute[#user.minute - 1] == place then
  user.minute[#user.minute] = user.minute[#user.minute] + 1
else
  user.minute[#user.minute + 1], user.minute[#user.minute + 2] = place, 1
end
if charged_on then
  -- The charge goes over to this request; the one that has died could not give it back any more.
  user.running[claim.request], user.settled[claim.request] = nil, now + settled_life
  user.returned = user.returned + (claim.ended == 'left' and 1 or 0)
else
  user.used = user.used + 1
end
user.running[request] = {
  at = now, place = place, ends = now + lease, day = charged_on or day_number, answer = answer, continues = continued_life > 0 or nil,
}
local user_text = keep_user(user_key, user)
if probes then
  breaker.probe, breaker.probe_until = request, now + probe_lease
  redis.call('SET', all_key, cjson.encode(all), 'PX', day_life)
end
if claim_key then
  claim = {fingerprint = fingerprint, request = request, session = session, question = question, answer = answer, at = now, day = charged_on or day_number}
  redis.call('SET', claim_key, cjson.encode(claim), 'PX', claim_life)
end
return admitted(user_text, probes)
