create index chat_messages_created on chat_messages using brin (created_at) with (pages_per_range = 32, autosummarize = on);
