-- Delete envelopes that were settled longer ago than `keep`, the oldest of each tenant first; at most so many. Their
-- audit rows stay, and one more per tenant says how many went; their keys are free again. Dead letters are not settled.
-- Returns how many. Waits for nobody: a tenant whose chain head another transaction has locked has its turn next time.
create or replace function worker_api.forget_settled(
  keep interval, max_envelopes integer, as_of timestamptz default null, actor_type text default 'system',
  actor_id text default 'clock', door text default null
)
returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  before timestamptz := coalesce(as_of, now()) - keep;
  tenant record;
  gone integer;
  told_tenants uuid[] := '{}';
  payloads jsonb[] := '{}';
  total integer := 0;
begin
  for tenant in select t.id from public.tenants as t order by t.id loop
    exit when total >= max_envelopes;
    perform from app_private.audit_heads as h where h.tenant_id = tenant.id for update skip locked;
    continue when not found and exists (select from app_private.audit_heads as h where h.tenant_id = tenant.id);
    delete from public.outbox as o
    using (
      select old.id from public.outbox as old
      where old.tenant_id = tenant.id
        and old.created_at < before
        and old.updated_at < before
        and old.status not in ('pending', 'awaiting_approval', 'unknown')
      order by old.created_at, old.id
      limit max_envelopes - total
      for update skip locked
    ) as due
    where o.tenant_id = tenant.id and o.id = due.id;
    get diagnostics gone = row_count;
    if gone > 0 then
      total := total + gone;
      told_tenants := told_tenants || tenant.id;
      payloads := payloads || jsonb_build_object('envelopes', gone, 'settled_before', before);
    end if;
  end loop;
  if total > 0 then
    perform app_private.append_audit(
      told_tenants, forget_settled.actor_type, forget_settled.actor_id,
      array_fill('outbox.forgotten'::text, array[cardinality(told_tenants)]),
      app_private.through_door(payloads, forget_settled.door), coalesce(as_of, now())
    );
  end if;
  return total;
end
$$;
revoke all on function worker_api.forget_settled from public;
grant execute on function worker_api.forget_settled to service_role, app_rw;
