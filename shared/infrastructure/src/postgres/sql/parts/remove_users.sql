-- What is removed of the deleted users `persons`, in steps of $1 rows: a user's row goes last, and with it what hangs on it.
, looked_at as (
    select s.id from persons, lateral (
        select id from chat_sessions where user_id = persons.id order by id limit $1::int
    ) s limit $1::int
)
