-- What an operator is told by itself, a part of what all share; it is there where somebody is to be told. Needs clock and ledger.
-- at: when the operator was last told; by, of: the request whose settlement told, and the causes, a line each: its reply may be lost, and is asked for again
-- told: causes that the operator was told of and that have not ended, by the time
-- window: the number (since 1970) of the five minutes that are counted in; answers, errors: of these, and of the five before
-- was_answers, was_errors: of the five before alone
local alert_pause, window_length = 5 * minute_length, 5 * minute_length
-- A part of the errors says something from so many answers on. Where there are fewer since, an operator is told again after an hour at the earliest.
local least_answers, most_errors, errors_life = 20, 0.05, hour_length
local most_spent = 0.8

local function count_answer(alerts, answer_end)
  local window = math.floor(now / window_length)
  if alerts.window ~= window then
    local follows = alerts.window == window - 1
    local answers, errors = alerts.answers or 0, alerts.errors or 0
    alerts.was_answers = follows and answers - (alerts.was_answers or 0) or 0
    alerts.was_errors = follows and errors - (alerts.was_errors or 0) or 0
    alerts.window, alerts.answers, alerts.errors = window, alerts.was_answers, alerts.was_errors
  end
  if answer_end ~= '' then
    alerts.answers = alerts.answers + 1
    alerts.errors = alerts.errors + (answer_end == 'error' and 1 or 0)
  end
end

-- The causes that the operator is to be told of now, a line each: each once while it lasts, and all together at most every five minutes.
local function alerts_due(all, request, answer_end, budget)
  local alerts = all.alerts or {}
  all.alerts = alerts
  count_answer(alerts, answer_end)
  local told, of, may_tell = alerts.told or {}, {}, ahead(alerts.at, 0) + alert_pause <= now
  local is_told_enough = alerts.answers >= least_answers
  local lasts = {
    budget = budget > 0 and all.ledger.spent / budget > most_spent,
    breaker = (all.breaker.open_until or 0) > 0,
    errors = is_told_enough and alerts.errors / alerts.answers > most_errors,
  }
  if not is_told_enough and ahead(told.errors, 0) > now - errors_life then
    lasts.errors = true
  end
  for _, cause in ipairs({'breaker', 'budget', 'errors'}) do
    if not lasts[cause] then
      told[cause] = nil
    elseif not told[cause] and may_tell then
      told[cause], of[#of + 1] = now, cause
    end
  end
  alerts.told = told
  if #of > 0 then
    alerts.at, alerts.by, alerts.of = now, request, table.concat(of, '\n')
  end
  return table.concat(of, '\n')
end
