-- squawk-ignore-file ban-drop-function
-- Drafts: a search takes several questions at once, and samples are returned as json, which is written faster than
-- jsonb. db/functions creates both functions again.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

drop function if exists drafts.search_chunks, drafts.list_samples;
