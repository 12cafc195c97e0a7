-- Messages that the drafter could not answer, the newest first: {id, conversation_id, reason, question, created_at}.
-- Only abstentions at or after `since` and before `until`. Messages whose text was archived are left out. For everybody
-- of the tenant.
-- call: repeatable
create or replace function drafts.list_abstentions(
  since timestamptz, until timestamptz, max_abstentions integer default 2000,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set enable_sort = off as $$   -- the newest are read in the order of an index
declare
  caller record;
begin
  select * into caller
  from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  return (
    select coalesce(jsonb_agg(to_jsonb(a) order by a.created_at desc, a.id desc), '[]')
    from (
      select a.id, a.conversation_id, a.reason, left(m.body_text, 4000) as question, a.created_at
      from drafts.abstentions as a
      join drafts.messages as m on m.tenant_id = a.tenant_id and m.id = a.message_id and m.archived_at is null
      where a.tenant_id = caller.tenant_id and a.created_at >= since and a.created_at < until
      order by a.created_at desc, a.id desc
      limit least(max_abstentions, 5000)
    ) as a
  );
end
$$;
revoke all on function drafts.list_abstentions from public;
grant execute on function drafts.list_abstentions to authenticated, service_role, app_rw;
