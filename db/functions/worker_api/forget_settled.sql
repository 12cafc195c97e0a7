-- Delete envelopes that were settled more than `keep` ago, the oldest of each tenant first: at most `max_envelopes`.
-- Returns how many. Dead letters and audit rows stay. The external_ids can be used again.
-- Never waits for a lock. A tenant whose chain head is locked is skipped, and a later call deletes its
-- envelopes.
-- call: repeatable
create or replace function worker_api.forget_settled(
  keep interval, max_envelopes integer, as_of timestamptz default null, actor_type text default 'system',
  actor_id text default 'clock', door text default null
)
returns integer
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  settled_before timestamptz := coalesce(as_of, now()) - keep;
  tenant record;
  deleted integer;
  audited_tenants uuid[] := '{}';
  payloads jsonb[] := '{}';
  total integer := 0;
begin
  perform app_private.check_texts(
    'actor_type', forget_settled.actor_type, 'actor_id', forget_settled.actor_id, 'door', forget_settled.door
  );
  for tenant in select t.id from public.tenants as t order by t.id loop
    exit when total >= max_envelopes;
    perform from app_private.audit_heads as h where h.tenant_id = tenant.id for update skip locked;
    continue when not found and exists (select from app_private.audit_heads as h where h.tenant_id = tenant.id);
    delete from public.grant_uses as u where u.tenant_id = tenant.id and u.used_at < settled_before;
    delete from public.outbox as o
    using (
      select old.id from public.outbox as old
      where old.tenant_id = tenant.id
        and old.created_at < settled_before
        and old.updated_at < settled_before
        and old.status not in ('pending', 'awaiting_approval', 'unknown')
      order by old.created_at, old.id
      limit max_envelopes - total
      for update skip locked
    ) as due
    where o.tenant_id = tenant.id and o.id = due.id;
    get diagnostics deleted = row_count;
    if deleted > 0 then
      total := total + deleted;
      audited_tenants := audited_tenants || tenant.id;
      payloads := payloads || jsonb_build_object('envelopes', deleted, 'settled_before', settled_before);
    end if;
  end loop;
  if total > 0 then
    perform app_private.append_audit(
      audited_tenants, forget_settled.actor_type, forget_settled.actor_id,
      array_fill('outbox.forgotten'::text, array[cardinality(audited_tenants)]),
      app_private.add_door(payloads, forget_settled.door), coalesce(as_of, now())
    );
  end if;
  return total;
end
$$;
revoke all on function worker_api.forget_settled from public;
grant execute on function worker_api.forget_settled to service_role, app_rw;
