-- Counts a try against several limits at once, all or nothing; or takes one back.
-- KEYS: what is counted. ARGV: 1 the time in which tries are counted, in ms, 2 '1': a try, '-1': one that was none, 3 and on: the most of each key
local texts, tries, free_at, place = redis.call('MGET', unpack(KEYS)), {}, 0, nil
local change = tonumber(ARGV[2])
for at = 1, #KEYS do
  local known = decoded(texts[at])
  if (known.ends or 0) <= now then
    known = {count = 0, ends = now + tonumber(ARGV[1])}
  end
  tries[at] = known
  if change > 0 and known.count >= tonumber(ARGV[at + 2]) then
    free_at, place = math.max(free_at, known.ends), place or at - 1
  end
end
if free_at > 0 then
  return {'now', whole(now), 'until', whole(free_at), 'place', whole(place)}
end
for at, key in ipairs(KEYS) do
  local known = tries[at]
  if known.count + change >= 0 then
    known.count = known.count + change
    redis.call('SET', key, cjson.encode(known), 'PX', whole(known.ends - now))
  end
end
return {'now', whole(now), 'until', '0'}
