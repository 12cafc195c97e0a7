-- The head of the tenant's audit chain: see worker_api.list_audit_heads. With `after` the answer is empty, because a
-- tenant sees no other chain.
-- call: replica
create or replace function tenant_api.list_audit_heads(after uuid default null, max_heads integer default 500)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select case when list_audit_heads.after is null
    then worker_api.list_audit_heads(tenant => caller.tenant, max_heads => list_audit_heads.max_heads)
    else '[]'
  end
  from app_private.acting_tenant('owner', 'reviewer', 'member', 'agent') as caller (tenant)
$$;
revoke all on function tenant_api.list_audit_heads from public;
grant execute on function tenant_api.list_audit_heads to authenticated;
