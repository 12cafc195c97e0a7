-- How people decided about the last 50 drafts of a topic that the application would have approved: how many decisions
-- there were, and how many drafts were sent unedited, apart from white space.
-- call: internal
create or replace function drafts.topic_record(tenant uuid, topic text, out decided integer, out unedited integer)
language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select count(*), count(*) filter (
    where a.type = 'approve' or a.type = 'edit' and a.diff_json -> 'distance' = to_jsonb(0)
  )
  from (
    select a.type, a.diff_json
    from drafts.automatic_decisions as auto
    join drafts.draft_actions as a on a.tenant_id = auto.tenant_id and a.draft_id = auto.draft_id
    join drafts.users as u on u.tenant_id = a.tenant_id and u.id = a.user_id and u.auth_provider <> 'system'
    where auto.tenant_id = topic_record.tenant and auto.topic = topic_record.topic and auto.would_approve
    order by auto.created_at desc, auto.draft_id desc
    limit 50
  ) as a
$$;
revoke all on function drafts.topic_record from public;
