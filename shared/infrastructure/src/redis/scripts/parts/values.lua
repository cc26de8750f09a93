-- What is kept of a user, of an address, under an idempotency key, or for all, is one JSON value each, read whole and written whole where it has changed: each call
-- within a script is billed.
local function decoded(text)
  return text and cjson.decode(text) or {}
end

-- Whether the operator has shut out whose value this is, a user or an address: its field `blocked` says until when.
local function is_blocked(value)
  return (value.blocked or 0) > now
end
