-- The last 50 decisions of people about drafts of a topic that the application would have approved: how many there are,
-- and how many drafts were sent unedited, apart from white space.
-- call: internal
create or replace function drafts.topic_record(tenant uuid, topic text, out decided integer, out unedited integer)
language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off set enable_sort = off as $$
  select count(*), count(*) filter (
    where a.type = 'approve' or a.type = 'edit' and a.diff_json -> 'distance' = to_jsonb(0)
  )
  from (
    select a.type, a.diff_json
    from drafts.automatic_decisions as auto
    cross join lateral (   -- one look-up per decision: otherwise the planner would read all actions of the tenant
      select * from drafts.draft_actions as t where t.tenant_id = auto.tenant_id and t.draft_id = auto.draft_id offset 0
    ) as a
    cross join lateral (
      select * from drafts.users as t where t.tenant_id = a.tenant_id and t.id = a.user_id offset 0
    ) as u
    where auto.tenant_id = topic_record.tenant and auto.topic = topic_record.topic and auto.would_approve
      and u.auth_provider <> 'system'
    order by auto.created_at desc, auto.draft_id desc
    limit 50
  ) as a
$$;
revoke all on function drafts.topic_record from public;
