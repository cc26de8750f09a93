-- Reads where a user stands. ARGV: 1 '1': answers are copied
bury_the_dead(ARGV[1])
return answer('read')
