-- The dead letters that tenant_api.requeue_dead_letters requeues if its argument `envelopes` is null: see
-- worker_api.list_requeueable.
-- call: replica
create or replace function tenant_api.list_requeueable(max_envelopes integer)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.list_requeueable(
    tenant => app_private.acting_tenant('owner', 'reviewer', 'member', 'agent'),
    max_envelopes => list_requeueable.max_envelopes
  )
$$;
revoke all on function tenant_api.list_requeueable from public;
grant execute on function tenant_api.list_requeueable to authenticated;
