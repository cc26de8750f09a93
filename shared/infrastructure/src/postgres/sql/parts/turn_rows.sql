-- The end of a statement that begins a turn with a new message: both of its rows. Needs `parent_row`, a row with the message's parent if there is room for the turn, and `session`.
-- $4 user message, $5 its parent as it was read, $6 its text, $7 assistant message, $8 model, $9 run
question as (
    insert into chat_messages (id, session_id, parent_id, role, content, status)
    select $4::uuid, session.id, parent_row.parent, 'user', $6::text, 'complete' from session, parent_row
    on conflict (id) do update set status = 'complete',
        -- Sent twice it changes nothing: the moment tells which try an end is of.
        updated_at = case when chat_messages.status = 'failed' then now() else chat_messages.updated_at end
        where chat_messages.session_id = excluded.session_id
    returning id
), answer as (
    insert into chat_messages (id, session_id, parent_id, role, status, model, run)
    select $7::uuid, session.id, question.id, 'assistant', 'streaming', $8::text, $9::uuid from session, question
    on conflict (id) do nothing
)
select begun.session_id from parent_row left join (select session.id as session_id from session, question) begun on true
