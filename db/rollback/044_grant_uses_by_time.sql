drop function if exists worker_api.list_grant_uses;
create index grant_uses_grant_idx on public.grant_uses (tenant_id, grant_id);
drop index public.grant_uses_of_grant_idx;
