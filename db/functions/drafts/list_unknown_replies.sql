-- The replies by e-mail whose delivery is `unknown`, of one tenant or of all (null): a list of {tenant_id, channel,
-- envelope_id, message_id}. `channel` is the external_id of the channel, `message_id` the Message-ID of the reply.
-- Tenants take turns, each with its oldest reply first.
-- call: repeatable
create or replace function drafts.list_unknown_replies(tenant uuid default null, max_rows integer default 200)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', u.tenant_id, 'channel', u.channel, 'envelope_id', u.envelope_id, 'message_id', u.external_id
  ) order by u.nth, u.sent_at, u.id), '[]')
  from (
    select m.tenant_id, m.id, m.sent_at, m.envelope_id, m.external_id, ch.external_id as channel,
      row_number() over (partition by m.tenant_id order by m.sent_at, m.id) as nth
    from drafts.messages as m
    cross join lateral (   -- one look-up per message: otherwise the planner would read all conversations of a channel
      select * from drafts.conversations as t where t.tenant_id = m.tenant_id and t.id = m.conversation_id offset 0
    ) as c
    cross join lateral (
      select * from drafts.channels as t where t.tenant_id = c.tenant_id and t.id = c.channel_id offset 0
    ) as ch
    where m.delivery_state = 'unknown' and m.external_id is not null and m.envelope_id is not null and ch.type = 'email'
      and (list_unknown_replies.tenant is null or m.tenant_id = list_unknown_replies.tenant)
    order by nth, m.sent_at, m.id
    limit max_rows
  ) as u
$$;
revoke all on function drafts.list_unknown_replies from public;
grant execute on function drafts.list_unknown_replies to service_role, app_rw;
