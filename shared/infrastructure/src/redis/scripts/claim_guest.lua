-- What a guest has used counts for the account that claims them, and their token opens nothing more. Safe to repeat.
-- KEYS: 1 the guest, 2 the account, 3 that the guest has ended. ARGV: 1 the account, 2 how long that is known in ms
local texts = redis.call('MGET', unpack(KEYS))
-- Claimed by another account, or deleted.
if texts[3] and texts[3] ~= ARGV[1] then
  return {'verdict', 'ended'}
end
local guest, account = read_user(texts[1]), read_user(texts[2])
account.used, account.returned = math.max(account.used, guest.used), math.max(account.returned, guest.returned)
local function places(user)
  local count = 0
  for at = 1, #user.minute, 2 do
    count = count + user.minute[at + 1]
  end
  return count
end
if places(guest) > places(account) then
  account.minute = guest.minute
end
keep_user(KEYS[2], account)
redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[2])
return {'verdict', 'claimed'}
