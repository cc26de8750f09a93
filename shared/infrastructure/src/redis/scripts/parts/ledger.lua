-- A ledger: what was spent on a day and in an hour of it, in micro-dollars, and what running answers may still cost. Needs clock and values.
-- There is one of all, one of an address, of each /64 in an IPv6 address' value, of an account.
-- day, hour: since 1970
-- spent, hour_spent: on that day, in that hour
-- held: reservations, as sums by the 30 s (since 1970) in which they expire
-- running: the number of reservations in each of these sums
-- messages, bytes: of the day's guests; in an address' ledgers only
-- is_low: true once the log was told that four fifths of the day's budget are spent; in the ledger of all only
local day_number, hour_number = math.floor(now / day_length), math.floor(now / hour_length)
local slot_length = 30000
-- The /64s of a /48 that are counted each by itself: a /48 has 65,536 of them, and those that come late share one. How many times as much as one of them their /48 may have.
local most_nets, net_to_pool = 64, 10

-- The hour and the day in which what is held in `slot` expires.
local function time_of(slot)
  local expired = tonumber(slot) * slot_length
  return math.floor(expired / hour_length), math.floor(expired / day_length)
end

local function read_ledger(ledger)
  ledger = ledger or {}
  if ledger.hour ~= hour_number then
    ledger.hour, ledger.hour_spent = hour_number, 0
  end
  if ledger.day ~= day_number then
    ledger.day, ledger.spent, ledger.messages, ledger.bytes, ledger.is_low = day_number, 0, nil, nil, nil
  end
  ledger.held, ledger.running = ledger.held or {}, ledger.running or {}
  for slot, sum in pairs(ledger.held) do
    if tonumber(slot) * slot_length <= now then
      -- It was never settled, because its instance has died: the reservation counts as spent, where that hour or day is not over.
      local hour, day = time_of(slot)
      ledger.hour_spent = ledger.hour_spent + (hour == hour_number and sum or 0)
      ledger.spent = ledger.spent + (day == day_number and sum or 0)
      ledger.held[slot], ledger.running[slot] = nil, nil
    end
  end
  return ledger
end

local function sum_of(slots)
  local sum = 0
  for _, number in pairs(slots) do
    sum = sum + number
  end
  return sum
end

local function hold(ledger, slot, amount)
  ledger.held[slot] = (ledger.held[slot] or 0) + amount
  ledger.running[slot] = (ledger.running[slot] or 0) + 1
end

-- Books what an answer has cost where it was admitted, or what it has cost beyond what was held where that was taken for spent: an hour or a day that is over is not
-- changed any more.
local function book(ledger, run, cost)
  local more, hour, day = cost - run.held, time_of(run.slot)
  if ledger.running[run.slot] then
    more, hour, day = cost, run.hour, run.day
    ledger.held[run.slot] = math.max(ledger.held[run.slot] - run.held, 0)
    ledger.running[run.slot] = ledger.running[run.slot] - 1
    if ledger.running[run.slot] == 0 then
      ledger.held[run.slot], ledger.running[run.slot] = nil, nil
    end
  end
  if day == ledger.day then
    ledger.spent = math.max(ledger.spent + more, 0)
  end
  if hour == ledger.hour then
    ledger.hour_spent = math.max(ledger.hour_spent + more, 0)
  end
end

-- The value of an address, and its ledgers: the one of the address, and in a value of an IPv6 /48 that of the /64 (net; '' for IPv4).
local function read_address(text, net)
  local address = decoded(text)
  address.ledger = read_ledger(address.ledger)
  if net == '' then
    return address, {address.ledger}
  end
  address.nets = address.nets or {}
  local count = 0
  for other, ledger in pairs(address.nets) do
    count = count + 1
    if ledger.day ~= day_number then
      address.nets[other], count = nil, count - 1
    end
  end
  if not address.nets[net] and count >= most_nets then
    net = 'others'
  end
  address.nets[net] = read_ledger(address.nets[net])
  return address, {address.ledger, address.nets[net]}, net
end
