-- How a message stands, in one place for every statement: an answer that is `streaming` without progress for 60 s has lost its instance and is `dead`.
-- One query and no more volatile than `now()`, so that Postgres puts it into the statement in its place and no index is lost by it.
create function chat_message_state(status text, updated_at timestamptz) returns text language sql stable as $$
    select case when status = 'streaming' and updated_at < now() - interval '60 seconds' then 'dead' else status end
$$;
