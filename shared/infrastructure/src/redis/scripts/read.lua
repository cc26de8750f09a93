-- Reads where a user stands.
return answer('read')
