-- A draft as it is shown to a reviewer: the text to send, the recipient, the channel, and the digest that a decision
-- must name. Null if the tenant has no such draft.
-- call: replica
create or replace function drafts.read_draft(tenant uuid default null, draft uuid default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select to_jsonb(d) || jsonb_build_object(
    'text', coalesce(d.edited_text, d.suggested_text),
    'html', case when d.edited_text is null then d.suggested_html else d.edited_html end,
    'digest', drafts.digest_of(d, c),
    'recipient', coalesce(c.reply_to, c.customer_email),
    'recipient_needs_confirmation', c.reply_to is not null,
    'conversation', to_jsonb(c),
    'channel', to_jsonb(ch),
    'last_message', (
      select to_jsonb(m) from drafts.messages as m
      where m.tenant_id = d.tenant_id and m.conversation_id = d.conversation_id and m.direction = 'inbound'
        and m.automatic is null
      order by m.sent_at desc, m.received_at desc, m.id desc limit 1
    ),
    'references', (
      select coalesce(jsonb_agg(r.external_id order by r.sent_at, r.id), '[]') from (
        select m.external_id, m.sent_at, m.id from drafts.messages as m
        where m.tenant_id = d.tenant_id and m.conversation_id = d.conversation_id and m.direction <> 'system'
          and m.same_id_as is null and m.external_id is not null and m.external_id not like 'sha256:%'
        order by m.sent_at desc, m.id desc limit 50
      ) as r
    ),
    'locked_by_name', (
      select u.display_name from drafts.users as u where u.tenant_id = d.tenant_id and u.id = d.locked_by
    ),
    'actions', (
      select coalesce(jsonb_agg(to_jsonb(a) || jsonb_build_object('user_name', (
        select u.display_name from drafts.users as u where u.tenant_id = a.tenant_id and u.id = a.user_id
      )) order by a.created_at, a.id), '[]')
      from drafts.draft_actions as a
      where a.tenant_id = d.tenant_id and a.draft_id = d.id
    )
  )
  from drafts.drafts as d
  cross join lateral (   -- one look-up: otherwise row-level security would make the planner read all conversations
    select * from drafts.conversations as t where t.tenant_id = d.tenant_id and t.id = d.conversation_id offset 0
  ) as c
  cross join lateral (
    select * from drafts.channels as p where p.tenant_id = c.tenant_id and p.id = c.channel_id offset 0
  ) as ch
  where d.tenant_id = drafts.tenant_of(read_draft.tenant) and d.id = read_draft.draft
$$;
revoke all on function drafts.read_draft from public;
grant execute on function drafts.read_draft to authenticated, service_role, app_rw, app_ro;
