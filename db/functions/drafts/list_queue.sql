-- A page of the pending drafts of a tenant, the earliest due first, each with its conversation and the beginning of the
-- customer's newest message. With `assignee`, only this user's drafts. Snoozed drafts appear only with `with_snoozed`.
-- `after_due` and `after_id` are the `due_at` and id of the last draft of the page before.
-- call: replica
create or replace function drafts.list_queue(
  tenant uuid default null, max_drafts integer default 50, assignee uuid default null,
  with_snoozed boolean default false, after_due timestamptz default null, after_id uuid default null
)
returns json language sql stable set search_path = pg_catalog, pg_temp
-- read a page in the order of an index: the planner does not know the limit and would sort all rows
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  -- One branch for each index, and only one branch runs. The position is a sub-query, because under row-level security
  -- a condition with coalesce() cannot use an index.
  with chosen as (
    (
      select d.* from drafts.drafts as d
      where list_queue.assignee is null and d.tenant_id = drafts.tenant_of(list_queue.tenant) and d.status = 'pending'
        and (d.due_at, d.id) > (
          select coalesce(after_due, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
        and (with_snoozed or d.snoozed_until is null or d.snoozed_until <= now())
      order by d.due_at, d.id
      limit max_drafts
    )
    union all
    (
      select d.* from drafts.drafts as d
      where list_queue.assignee is not null and d.tenant_id = drafts.tenant_of(list_queue.tenant)
        and d.assignee_user_id = list_queue.assignee and d.status = 'pending'
        and (d.due_at, d.id) > (
          select coalesce(after_due, '-infinity'), coalesce(after_id, '00000000-0000-0000-0000-000000000000')
        )
        and (with_snoozed or d.snoozed_until is null or d.snoozed_until <= now())
      order by d.due_at, d.id
      limit max_drafts
    )
  )
  select coalesce(json_agg(row_to_json(r) order by r.due_at, r.id), '[]') from (
    select
      d.tenant_id, d.id, d.conversation_id, d.trigger_message_id, d.model_key, d.prompt_version, d.status, d.version,
      d.priority, d.due_at, d.top_sources, d.confidence, d.language, d.topic, d.assignee_user_id, d.snoozed_until,
      d.locked_by, d.locked_until, d.edited_at, d.escalated_at, d.escalated_reason, d.created_at, d.updated_at,
      left(coalesce(d.edited_text, d.suggested_text), 300) as text_start, drafts.digest_of(d, c) as digest,
      c.subject, c.customer_name, c.customer_email, c.reply_to is not null as recipient_needs_confirmation, c.channel_id,
      (
        select ch.type from drafts.channels as ch where ch.tenant_id = c.tenant_id and ch.id = c.channel_id
      ) as channel_type,
      (
        select u.display_name from drafts.users as u where u.tenant_id = d.tenant_id and u.id = d.assignee_user_id
      ) as assignee_name,
      (
        select json_build_object('id', m.id, 'sent_at', m.sent_at, 'text_start', left(m.body_text, 300))
        from drafts.messages as m
        where m.tenant_id = d.tenant_id and m.conversation_id = d.conversation_id and m.direction = 'inbound'
          and m.automatic is null
        order by m.sent_at desc limit 1
      ) as last_message
    from chosen as d
    cross join lateral (   -- one look-up per draft: otherwise row-level security would make the planner read all conversations
      select * from drafts.conversations as t where t.tenant_id = d.tenant_id and t.id = d.conversation_id offset 0
    ) as c
  ) as r
$$;
revoke all on function drafts.list_queue from public;
grant execute on function drafts.list_queue to authenticated, service_role, app_rw, app_ro;
