-- The corrections of a tenant, ordered by `external_id`, after the `external_id` in `after`. With `status`, only those
-- in this status. For everybody of the tenant. Raises PT404 and PT403 as app_private.acting_caller does.
-- call: repeatable, columns 2 deep
create or replace function drafts.list_corrections(
  status text default null, after text default '', max_corrections integer default 1000, tenant uuid default null,
  actor_type text default 'operator', actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller record;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  perform app_private.check_texts('status', list_corrections.status);
  return (
    select coalesce(jsonb_agg(to_jsonb(c) order by c.external_id), '[]')
    from (
      select c.* from drafts.corrections as c
      where c.tenant_id = caller.tenant_id and (list_corrections.status is null or c.status = list_corrections.status)
        and c.external_id > list_corrections.after
      order by c.external_id
      limit least(max_corrections, 1000)
    ) as c
  );
end
$$;
revoke all on function drafts.list_corrections from public;
grant execute on function drafts.list_corrections to authenticated, service_role, app_rw;
