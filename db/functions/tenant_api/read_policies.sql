-- Everything that the guardrails read about the tenant: see worker_api.read_policies. Grants are left out for an agent,
-- which must not learn which calls need no approval.
-- call: repeatable, columns 5 deep
create or replace function tenant_api.read_policies()
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select case when app_private.current_tenant_role() = 'agent'
    then (
      select jsonb_agg(jsonb_set(read.row, '{policy,grants}', '[]')) from jsonb_array_elements(found.rows) as read (row)
    )
    else found.rows
  end
  from (
    select worker_api.read_policies(array[app_private.acting_tenant('owner', 'reviewer', 'member', 'agent')]) as rows
  ) as found
$$;
revoke all on function tenant_api.read_policies from public;
grant execute on function tenant_api.read_policies to authenticated;
