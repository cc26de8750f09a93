-- Tells the breaker at a probe's first words that the model answers again: nobody need wait for the whole answer. Safe to repeat.
-- ARGV: 1 request id, 2 the opening at its admission, 3 failures in a row that open the breaker
return heard('answered', ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), '')
