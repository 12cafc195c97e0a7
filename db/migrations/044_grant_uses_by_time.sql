-- squawk-ignore-file require-concurrent-index-creation, require-concurrent-index-deletion
-- The uses of a grant are listed by pages, the newest first.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create index grant_uses_of_grant_idx on public.grant_uses (tenant_id, grant_id, used_at, envelope_id);
drop index public.grant_uses_grant_idx;
