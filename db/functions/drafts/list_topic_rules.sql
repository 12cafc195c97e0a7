-- The topics with a rule, by name. Each has `decided` and `unedited`, which count its last 50 decisions: see
-- drafts.topic_record. For everybody of the tenant.
-- call: repeatable, columns 2 deep
create or replace function drafts.list_topic_rules(
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  caller record;
begin
  select * into caller
  from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  return (
    select coalesce(jsonb_agg(
      to_jsonb(r) || jsonb_build_object('decided', achieved.decided, 'unedited', achieved.unedited) order by r.topic
    ), '[]')
    from drafts.topic_rules as r
    cross join lateral drafts.topic_record(r.tenant_id, r.topic) as achieved
    where r.tenant_id = caller.tenant_id
  );
end
$$;
revoke all on function drafts.list_topic_rules from public;
grant execute on function drafts.list_topic_rules to authenticated, service_role, app_rw;
