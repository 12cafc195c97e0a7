-- Store the readings of a scan: `readings` is a list of {tool_slug, connected_account_id, sha256, content, value}. If a
-- tool gave the same answer before, only `seen_at` of that evidence changes. Returns {evidence, signals}: how many rows
-- of evidence are new, and how many signals have changed. Raises PT404 for an unknown tenant.
-- call: repeatable
create or replace function worker_api.save_readings(
  tenant uuid, readings jsonb, actor_id text, as_of timestamptz default null,
  actor_type text default 'system', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '1s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  added integer;
  changed integer;
begin
  perform app_private.check_texts(
    'actor_type', save_readings.actor_type, 'actor_id', save_readings.actor_id, 'door', save_readings.door
  );
  perform set_config('app.door', coalesce(save_readings.door, ''), true);
  if not exists (select from public.tenants as t where t.id = save_readings.tenant) then
    raise exception 'tenant_id: no tenant %', save_readings.tenant using errcode = 'PT404';
  end if;

  with latest as (
    select distinct on (r.tool_slug, r.connected_account_id) r.*
    from jsonb_to_recordset(readings)
      as r (tool_slug text, connected_account_id uuid, sha256 text, content jsonb, value jsonb)
    order by r.tool_slug, r.connected_account_id
  ), saved_evidence as (
    insert into public.evidence as e (
      tenant_id, tool_slug, connected_account_id, sha256, content, observed_at, seen_at
    )
    select save_readings.tenant, g.tool_slug, g.connected_account_id, g.sha256, g.content, moment, moment
    from latest as g
    on conflict (tenant_id, tool_slug, connected_account_id, sha256) do update
    set seen_at = greatest(e.seen_at, excluded.seen_at)
    returning e.id, e.tool_slug, e.connected_account_id, e.xmax = 0 as is_new
  ), saved_signals as (
    insert into public.signals as s (
      tenant_id, tool_slug, connected_account_id, value, evidence_id, observed_at, changed_at
    )
    select save_readings.tenant, g.tool_slug, g.connected_account_id, g.value, n.id, moment, moment
    from latest as g
    join saved_evidence as n
      on n.tool_slug = g.tool_slug and n.connected_account_id is not distinct from g.connected_account_id
    on conflict (tenant_id, tool_slug, connected_account_id) do update
    set value = excluded.value, evidence_id = excluded.evidence_id, observed_at = excluded.observed_at,
        changed_at = case when s.evidence_id = excluded.evidence_id then s.changed_at else excluded.changed_at end
  )
  select
    count(*) filter (where n.is_new),
    -- `before` is the signal as it was before this statement
    count(*) filter (where before.evidence_id is distinct from n.id)
  into added, changed
  from saved_evidence as n
  left join public.signals as before
    on before.tenant_id = save_readings.tenant and before.tool_slug = n.tool_slug
    and before.connected_account_id is not distinct from n.connected_account_id;

  if added > 0 then
    perform app_private.do_at_commit(
      moment,
      audited_tenants => array[tenant], actor_type => save_readings.actor_type, actor_id => save_readings.actor_id,
      categories => array['evidence.collected'],
      payloads => array[jsonb_build_object('evidence', added, 'signals', changed)], made_at => moment
    );
  end if;
  return jsonb_build_object('evidence', added, 'signals', changed);
end
$$;
revoke all on function worker_api.save_readings from public;
grant execute on function worker_api.save_readings to service_role, app_rw;
