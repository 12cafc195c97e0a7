drop function if exists tenant_api.read_overview, tenant_api.list_end_counts;
drop function if exists worker_api.read_overview, worker_api.list_end_counts, worker_api.count_ends;
drop table app_private.end_counts, app_private.end_positions;
