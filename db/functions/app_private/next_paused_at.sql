-- The time for a new pause of the tenant: `moment` or, if the clock was set back, a microsecond after its latest pause.
-- The caller has locked the tenant's row.
create or replace function app_private.next_paused_at(tenant uuid, moment timestamptz)
returns timestamptz language sql stable set search_path = pg_catalog, pg_temp as $$
  select greatest(moment, latest.paused_at + interval '1 microsecond')
  from (
    select greatest(t.paused_at, (select max(p.changed_at) from public.pauses as p where p.tenant_id = t.id)) as paused_at
    from public.tenants as t where t.id = next_paused_at.tenant
  ) as latest
$$;
revoke all on function app_private.next_paused_at from public;
