-- `migrations.applied_file` is the only record of what was applied. The library that applied migrations until now kept
-- these tables beside it; a fresh database never has them.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

-- squawk-ignore ban-drop-table
drop table if exists migrations._yoyo_log, migrations._yoyo_migration, migrations._yoyo_version, migrations.yoyo_lock;
