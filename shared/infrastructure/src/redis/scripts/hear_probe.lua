-- Tells the breaker at a probe's first words that the model answers again: no call has to wait for the end of the answer. Safe to repeat.
-- ARGV: 1 request id, 2 to 7 the breaker's, 8 the opening at its admission
return {'breaker', heard('answered', ARGV[1], tonumber(ARGV[8]), '')}
