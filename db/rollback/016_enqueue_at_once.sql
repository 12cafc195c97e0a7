-- The trigger applies what was staged without app_private.do_now, which is dropped below.
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
  held record;
  said record;
begin
  if tg_table_schema <> 'app_private' then
    raise exception 'apply_staged serves app_private.staged_changes' using errcode = 'PT409';
  end if;
  if new.held_tenant is null and not exists (
    select from app_private.staged_changes as c where c.xact = new.xact and c.n > new.n
  ) then   -- nearly always
    delete from app_private.staged_changes as c where c.xact = new.xact and c.n = new.n;
    if new.woken_tenants is not null then
      moment := coalesce(new.as_of, clock_timestamp());
      perform app_private.wake_lanes(new.woken_tenants, new.woken_lanes, new.woken_moments, moment);
      if array_remove(new.woken_keys, null) <> '{}' then
        perform app_private.mark_waiting(new.woken_tenants, new.woken_lanes, new.woken_keys);
        perform app_private.wake_successors(new.woken_tenants, new.woken_keys, moment);
      end if;
    end if;
    if new.audited_tenants is not null then
      perform app_private.append_audit(
        new.audited_tenants, new.actor_type, new.actor_id, new.categories, new.payloads, new.made_at
      );
    end if;
    return null;
  end if;

  with taken as (
    delete from app_private.staged_changes as c where c.xact = new.xact returning c as change
  )
  select array_agg(t.change order by (t.change).n), coalesce(max((t.change).as_of), clock_timestamp())
  into staged, moment
  from taken as t;

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
  if tenants is not null then
    perform app_private.wake_lanes(tenants, lanes, moments, moment);
  end if;
  if array_remove(keys, null) <> '{}' then
    perform app_private.mark_waiting(tenants, lanes, keys);
    perform app_private.wake_successors(tenants, keys, moment);
  end if;

  for held in
    select c.held_tenant as tenant, array_agg(distinct g.guardrail) as guardrails
    from unnest(staged) as c
    cross join lateral unnest(c.held_by) as g (guardrail)
    group by 1
    order by 1
  loop
    perform app_private.release_held(held.tenant, held.guardrails, moment);
  end loop;

  perform from app_private.audit_heads as h
  where h.tenant_id in (select t.id from unnest(staged) as c cross join lateral unnest(c.audited_tenants) as t (id))
  order by h.tenant_id
  for update;
  for said in   -- in the order of the changes; those of one actor at one moment go together
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
      said.tenants, said.actor_type, said.actor_id, said.categories, said.payloads, said.made_at
    );
  end loop;
  return null;
end
$$;

drop function if exists worker_api.enqueue, worker_api.list_requeueable, app_private.do_now, app_private.goes_back,
  app_private.check_texts;
alter table app_private.renewals drop column set_at;
