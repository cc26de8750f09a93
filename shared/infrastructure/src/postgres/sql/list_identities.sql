-- list_identities
-- The identities of a user, the oldest first. The subject stays here: a hash of both names it. $1 user, $2 the token's moment, $3 its device
select left(encode(sha256(convert_to(provider || ' ' || subject, 'UTF8')), 'hex'), 32) as id, provider as issuer,
       (extract(epoch from created_at) * 1000000)::bigint as created_at
from user_logins
where user_id = chat_caller($1::uuid, $2::timestamptz, $3::uuid)
order by user_logins.created_at, provider, subject limit 100
