-- Deferred trigger: at commit, apply everything that app_private.do_at_commit staged in this transaction, once. If a
-- lane or a chain head stays locked by another transaction for 5 s, this transaction fails (SQLSTATE 55P03).
create or replace function app_private.apply_staged()
returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '5s' as $$
declare
  staged app_private.staged_changes[];
  moment timestamptz;
  tenants uuid[];
  lanes smallint[];
  moments timestamptz[];
  keys text[];
  release record;
  batch record;
begin
  if tg_table_schema <> 'app_private' then
    raise exception 'apply_staged is a trigger function for app_private.staged_changes only' using errcode = 'PT409';
  end if;
  if new.held_tenant is null and not exists (
    select from app_private.staged_changes as c where c.xact = new.xact and c.n > new.n
  ) then   -- the usual case: one staged change, and it does not release held envelopes
    delete from app_private.staged_changes as c where c.xact = new.xact and c.n = new.n;
    perform app_private.do_now(
      coalesce(new.as_of, clock_timestamp()), new.woken_tenants, new.woken_lanes, new.woken_moments, new.woken_keys,
      new.audited_tenants, new.actor_type, new.actor_id, new.categories, new.payloads, new.made_at
    );
    return null;
  end if;

  with deleted as (
    delete from app_private.staged_changes as c where c.xact = new.xact returning c as change
  )
  select array_agg(t.change order by (t.change).n), coalesce(max((t.change).as_of), clock_timestamp())
  into staged, moment
  from deleted as t;

  -- First all lanes are locked, by tenant and number, then all chain heads, by tenant. Every transaction has this order,
  -- so transactions that commit at the same time wait for each other and never deadlock.
  if exists (select from unnest(staged) as c where c.held_tenant is not null) then
    perform from app_private.lanes as l
    where (l.tenant_id, l.lane) in (
      select w.tenant_id, w.lane from unnest(staged) as c
      cross join lateral unnest(c.woken_tenants, c.woken_lanes) as w (tenant_id, lane)
      union
      select known.tenant_id, known.lane from app_private.lanes as known
      where known.tenant_id in (select c.held_tenant from unnest(staged) as c)
    )
    order by l.tenant_id, l.lane
    for update;
  end if;

  select array_agg(w.tenant_id), array_agg(w.lane), array_agg(w.at), array_agg(w.key)
  into tenants, lanes, moments, keys
  from unnest(staged) as c
  cross join lateral unnest(c.woken_tenants, c.woken_lanes, c.woken_moments, c.woken_keys) as w (tenant_id, lane, at, key);
  perform app_private.do_now(moment, tenants, lanes, moments, keys, null, null, null, null, null, null);

  for release in
    select c.held_tenant as tenant, array_agg(distinct g.guardrail) as guardrails
    from unnest(staged) as c
    cross join lateral unnest(c.held_by) as g (guardrail)
    group by 1
    order by 1
  loop
    perform app_private.release_held(release.tenant, release.guardrails, moment);
  end loop;

  perform from app_private.audit_heads as h
  where h.tenant_id in (select t.id from unnest(staged) as c cross join lateral unnest(c.audited_tenants) as t (id))
  order by h.tenant_id
  for update;
  for batch in   -- consecutive changes of one actor at one moment, in the order in which they were staged
    select
      s.actor_type, s.actor_id, s.made_at, array_agg(e.tenant_id order by s.n, e.position) as tenants,
      array_agg(e.category order by s.n, e.position) as categories,
      array_agg(e.payload order by s.n, e.position) as payloads
    from (
      select
        c.*, row_number() over (order by c.n)
          - row_number() over (partition by c.actor_type, c.actor_id, c.made_at order by c.n) as run
      from unnest(staged) as c
      where c.audited_tenants is not null
    ) as s
    cross join lateral unnest(s.audited_tenants, s.categories, s.payloads) with ordinality
      as e (tenant_id, category, payload, position)
    group by s.actor_type, s.actor_id, s.made_at, s.run
    order by min(s.n)
  loop
    perform app_private.append_audit(
      batch.tenants, batch.actor_type, batch.actor_id, batch.categories, batch.payloads, batch.made_at
    );
  end loop;
  return null;
end
$$;
revoke all on function app_private.apply_staged from public;
do $$
begin
  if not exists (select from pg_catalog.pg_trigger as t where t.tgname = 'staged_changes_applied') then
    create constraint trigger staged_changes_applied after insert on app_private.staged_changes
      deferrable initially deferred for each row when (new.is_first) execute function app_private.apply_staged();
  end if;
end
$$;
