-- Reads where a user stands.
return reply('read')
