-- A conversation with its channel; its newest `max_messages` messages, each with its files; its drafts; and the actions
-- of people on these drafts. Each list has the oldest first. Null if the tenant has no such conversation.
-- call: replica
create or replace function drafts.read_conversation(
  tenant uuid default null, conversation uuid default null, max_messages integer default 100
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select to_jsonb(c) || jsonb_build_object(
    'channel', (select to_jsonb(ch) from drafts.channels as ch where ch.tenant_id = c.tenant_id and ch.id = c.channel_id),
    'messages', (
      select coalesce(jsonb_agg(to_jsonb(m) || jsonb_build_object(
        'author_name', (
          select u.display_name from drafts.users as u where u.tenant_id = m.tenant_id and u.id = m.author_user_id
        ),
        'attachments', (
          select coalesce(jsonb_agg(to_jsonb(f) order by f.created_at, f.id), '[]') from drafts.attachments as f
          where f.tenant_id = m.tenant_id and f.message_id = m.id
        )
      ) order by m.sent_at, m.received_at, m.id), '[]')
      from (
        select * from drafts.messages as newest
        where newest.tenant_id = c.tenant_id and newest.conversation_id = c.id
        order by newest.sent_at desc, newest.received_at desc, newest.id desc limit max_messages
      ) as m
    ),
    'drafts', (
      select coalesce(jsonb_agg(
        to_jsonb(d) || jsonb_build_object('digest', drafts.digest_of(d, c)) order by d.created_at, d.id
      ), '[]')
      from drafts.drafts as d where d.tenant_id = c.tenant_id and d.conversation_id = c.id
    ),
    'actions', (
      select coalesce(jsonb_agg(
        to_jsonb(a) || jsonb_build_object('user_name', (
          select u.display_name from drafts.users as u where u.tenant_id = a.tenant_id and u.id = a.user_id
        )) order by a.created_at, a.id
      ), '[]')
      from drafts.drafts as d
      cross join lateral (   -- one look-up per draft: otherwise row-level security would make the planner read all actions
        select * from drafts.draft_actions as b where b.tenant_id = d.tenant_id and b.draft_id = d.id offset 0
      ) as a
      where d.tenant_id = c.tenant_id and d.conversation_id = c.id
    )
  )
  from drafts.conversations as c
  where c.tenant_id = drafts.tenant_of(read_conversation.tenant) and c.id = read_conversation.conversation
$$;
revoke all on function drafts.read_conversation from public;
grant execute on function drafts.read_conversation to authenticated, service_role, app_rw, app_ro;
