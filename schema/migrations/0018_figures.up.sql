-- What the operator is told of answers (docs/metrics.md), written with their ends. Of a question that nobody has answered: `code` alone.
alter table chat_messages
    add column ttft_ms int check (ttft_ms >= 0),
    add column duration_ms int check (duration_ms >= 0),
    add column prompt_tokens int check (prompt_tokens >= 0),
    -- Of the error that its sender was told.
    add column code text;

-- What was said in a while, without a write for each message: rows stand in the order of their time. An index of some kilobytes; the ranges of new pages come
-- into it by themselves.
create index chat_messages_created on chat_messages using brin (created_at) with (pages_per_range = 32, autosummarize = on);
