-- Delete all rows of a tenant in schema autopilot, as the first step of deleting a tenant. The tenant, its envelopes and
-- its audit rows stay. For operators. Returns {deleted}: how many rows.
-- call: repeatable
create or replace function autopilot.forget_tenant(
  tenant uuid, actor_id text, actor_type text default 'operator', door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  one record;
  deleted integer;
  total integer := 0;
begin
  perform app_private.act_by(forget_tenant.actor_type, forget_tenant.actor_id, forget_tenant.door);
  for one in   -- a table comes before the tables that it references
    with recursive referring (name, depth) as (
      select c.oid, 0 from pg_catalog.pg_class as c
      where c.relnamespace = 'autopilot'::regnamespace and c.relkind = 'r'
      union
      select k.confrelid, r.depth + 1
      from referring as r
      join pg_catalog.pg_constraint as k on k.conrelid = r.name and k.contype = 'f' and k.confrelid <> k.conrelid
        and k.connamespace = 'autopilot'::regnamespace
      where k.confrelid in (
        select c.oid from pg_catalog.pg_class as c where c.relnamespace = 'autopilot'::regnamespace
      )
    )
    select r.name::regclass as name, max(r.depth) as depth from referring as r group by r.name order by 2, 1
  loop
    execute format('delete from %s where organization_id = $1', one.name) using forget_tenant.tenant;
    get diagnostics deleted = row_count;
    total := total + deleted;
  end loop;
  delete from autopilot.ticket_counts as c where c.organization_id = tenant;   -- deleting tickets has added rows
  if total > 0 then
    perform autopilot.add_audit(tenant, forget_tenant.actor_type, forget_tenant.actor_id, 'autopilot.tenant_forgotten',
      jsonb_build_object('rows', total), moment);
  end if;
  return jsonb_build_object('deleted', total);
end
$$;
revoke all on function autopilot.forget_tenant from public;
grant execute on function autopilot.forget_tenant to service_role, app_rw;
