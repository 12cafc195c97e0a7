-- The conversations for which the drafter found no answer and to which nobody has replied since, the longest waiting
-- first.
-- call: replica
create or replace function drafts.list_abstained(tenant uuid default null, max_conversations integer default 50)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  select coalesce(jsonb_agg(to_jsonb(c) order by c.abstained_at, c.id), '[]')
  from (
    select t.* from drafts.conversations as t
    where t.tenant_id = drafts.tenant_of(list_abstained.tenant) and t.abstained_at is not null
    order by t.abstained_at, t.id limit max_conversations
  ) as c
$$;
revoke all on function drafts.list_abstained from public;
grant execute on function drafts.list_abstained to authenticated, service_role, app_rw, app_ro;
