-- A page of the messages of a conversation, the newest first. `before` and `before_id` are the `sent_at` and id of the
-- last message of the page before.
-- call: replica
create or replace function drafts.list_messages(
  tenant uuid default null, conversation uuid default null, max_messages integer default 50,
  before timestamptz default null, before_id uuid default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select coalesce(jsonb_agg(to_jsonb(m) order by m.sent_at desc, m.id desc), '[]')
  from (
    select n.* from drafts.messages as n
    where n.tenant_id = drafts.tenant_of(list_messages.tenant) and n.conversation_id = list_messages.conversation
      and (n.sent_at, n.id) < (
        select coalesce(list_messages.before, 'infinity'),
          coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      )
    order by n.sent_at desc, n.id desc limit max_messages
  ) as m
$$;
revoke all on function drafts.list_messages from public;
grant execute on function drafts.list_messages to authenticated, service_role, app_rw, app_ro;
