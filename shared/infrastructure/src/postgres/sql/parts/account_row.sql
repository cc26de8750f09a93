-- The end of a statement that lets somebody in. Needs `entered`, their device's row.
select u.id as user_id, u.role, u.email, exists (select from user_logins l where l.user_id = u.id)::int as has_identity,
       extract(epoch from greatest(u.tokens_valid_after, 'epoch'))::bigint as valid_after,
       encode(e.token_hash, 'hex') as token_hash,
       -- Whom the account was until a day ago at most.
       (select g.id from users g where g.claimed_by = u.id and g.tokens_valid_after > now() - interval '24 hours'
        order by g.tokens_valid_after desc limit 1) as was
from entered e join users u on u.id = e.user_id where u.deleted_at is null
