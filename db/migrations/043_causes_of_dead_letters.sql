-- squawk-ignore-file ban-drop-function
-- Dead letters are listed by cause: the function takes one more condition, and db/functions creates it again.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

drop function if exists worker_api.list_dead_letters;
