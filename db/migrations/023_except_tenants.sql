-- squawk-ignore-file ban-drop-function
-- A claim may leave out tenants that hold their share of a worker's slots. The file under db/functions creates the new
-- version after the migrations.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

drop function if exists worker_api.claim;
