-- The dead letters that worker_api.requeue_dead_letters requeues if its argument `envelopes` is null, in the same
-- order.
-- call: replica
create or replace function worker_api.list_requeueable(
  tenant uuid, max_envelopes integer, as_of timestamptz default null
)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(oldest), '[]')
  from (
    select d.*
    from public.outbox_dlq as d
    where (list_requeueable.tenant is null or d.tenant_id = list_requeueable.tenant)
      and app_private.is_requeueable(d, coalesce(as_of, now()))
    order by d.moved_at, d.id
    limit max_envelopes
  ) as oldest
$$;
revoke all on function worker_api.list_requeueable from public;
grant execute on function worker_api.list_requeueable to service_role, app_rw, app_ro;
