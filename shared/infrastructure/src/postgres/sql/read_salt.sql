-- How the browser makes a key of a password. No row: nobody signs in by this name. $1 login
select encode(salt, 'hex') as salt, params from user_passwords where login = $1::text
-- Somebody else may have taken a verified address for a name before.
order by is_verified desc limit 1
