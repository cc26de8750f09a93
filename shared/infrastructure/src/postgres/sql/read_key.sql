-- Whose a passkey is, and how its signatures are verified. No row: nobody's. $1 key's id
select user_id, encode(public_key, 'hex') as public_key, alg, sign_count, backed_up::int as backed_up from user_keys where id = $1::bytea
