-- squawk-ignore-file require-concurrent-index-creation
-- The overview counts open envelopes by status without reading a tenant's whole queue: most of a large queue is in one
-- status. What is due has an index already; these two hold only the rare rows.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create index open_envelopes_unknown_idx on app_private.open_envelopes (tenant_id) where status = 'unknown';
create index open_envelopes_waits_idx on app_private.open_envelopes (tenant_id) where status = 'pending' and waits;
