-- Reads where a user stands and changes nothing.
return answer('read')
