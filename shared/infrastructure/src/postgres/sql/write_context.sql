-- Takes the place of what a user wants the model to know. A user without a row is a guest and gets it with it. One row: the tag of the new version, or null and
-- whether there is no space; with space, the version that is there is none of $7. Safe to repeat: what is written already is written again. The user's row is locked first: a guest
-- who is claimed in this very moment is waited for, and the document is the account's then.
-- $1 user, $2 the token's moment, $3 its device, $4 document, $5 instructions and $6 data that go with each message, $7 tags between commas, of which
-- the one that is replaced must be one (null: whichever it is), $8 the most bytes of the database (null: no limit)
with person as (
    insert into users (id, role) values (chat_caller($1::uuid, $2::timestamptz, $3::uuid), 'guest')
    on conflict (id) do update set role = users.role
    returning coalesce(claimed_by, id) as id, exists (select from chat_storage where bytes >= $8::bigint) as is_full
), kept as (
    insert into user_context (user_id, doc, instructions, data)
    select id, $4::jsonb, $5::text, $6::text from person
    where (not is_full or $4::jsonb = '{}'::jsonb) and ($7::text is null or md5('{}') = any (string_to_array($7::text, ','))
                           or exists (select from user_context c where c.user_id = person.id))
    on conflict (user_id) do update set
        doc = excluded.doc, instructions = excluded.instructions, data = excluded.data, updated_at = now()
        where $7::text is null or md5(user_context.doc::text) = any (string_to_array($7::text, ',')) or user_context.doc = excluded.doc
    returning md5(doc::text) as tag
)
select kept.tag, person.is_full::int as is_full from person left join kept on true
