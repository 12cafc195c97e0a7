-- How many envelopes of the tenant ended, and when: see worker_api.list_end_counts.
-- call: replica
create or replace function tenant_api.list_end_counts(every interval, since timestamptz)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.list_end_counts(
    app_private.acting_tenant('owner', 'reviewer', 'member', 'agent'), list_end_counts.every, list_end_counts.since
  )
$$;
revoke all on function tenant_api.list_end_counts from public;
grant execute on function tenant_api.list_end_counts to authenticated;
