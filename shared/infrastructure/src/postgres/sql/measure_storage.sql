-- Measures the database, unless that was done not long ago. $1 bytes from which it is nearly full
select chat_storage_measured($1::bigint)::int as is_storage_low
