-- The goldens of a tenant, ordered by `external_id`, after the `external_id` in `after`. With `topic`, only those of
-- this topic. For everybody of the tenant. Raises PT404 and PT403 as app_private.acting_caller does.
-- call: repeatable, columns 2 deep
create or replace function drafts.list_goldens(
  topic text default null, after text default '', max_goldens integer default 1000, tenant uuid default null,
  actor_type text default 'operator', actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  caller record;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  perform app_private.check_texts('topic', list_goldens.topic);
  return (
    select coalesce(jsonb_agg(to_jsonb(g) order by g.external_id), '[]')
    from (
      select g.* from drafts.goldens as g
      where g.tenant_id = caller.tenant_id and (list_goldens.topic is null or g.topic = list_goldens.topic)
        and g.external_id > list_goldens.after
      order by g.external_id
      limit least(max_goldens, 1000)
    ) as g
  );
end
$$;
revoke all on function drafts.list_goldens from public;
grant execute on function drafts.list_goldens to authenticated, service_role, app_rw;
