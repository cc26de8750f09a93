-- The newest migration that the database has. $1 whether it was brought to its end
select version from _sqlx_migrations where success = $1::boolean order by version desc limit 1
