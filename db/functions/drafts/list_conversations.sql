-- A page of conversations: those with the newest messages come first. Without `customer`, those with this `status`.
-- With `customer` (an address; upper and lower case are the same), those of this customer, in any status. `before` and
-- `before_id` are the `last_message_at` and id of the last conversation of the page before.
-- call: replica
create or replace function drafts.list_conversations(
  tenant uuid default null, max_conversations integer default 50, status text default 'open',
  customer text default null, before timestamptz default null, before_id uuid default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
  -- One branch for each index, and only one branch runs. The position is a sub-query, because under row-level security
  -- a condition with coalesce() cannot use an index.
  with chosen as (
    (
      select c.* from drafts.conversations as c
      where list_conversations.customer is null and c.tenant_id = drafts.tenant_of(list_conversations.tenant)
        and c.status = list_conversations.status and (c.last_message_at, c.id) < (
          select coalesce(list_conversations.before, 'infinity'),
            coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by c.last_message_at desc, c.id desc
      limit max_conversations
    )
    union all
    (
      select c.* from drafts.conversations as c
      where list_conversations.customer is not null and c.tenant_id = drafts.tenant_of(list_conversations.tenant)
        and c.customer_key = lower(list_conversations.customer)
        and (c.last_message_at, c.id) < (
          select coalesce(list_conversations.before, 'infinity'),
            coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by c.last_message_at desc, c.id desc
      limit max_conversations
    )
  )
  select coalesce(jsonb_agg(to_jsonb(c) || jsonb_build_object(
    'channel_type', (select ch.type from drafts.channels as ch where ch.tenant_id = c.tenant_id and ch.id = c.channel_id)
  ) order by c.last_message_at desc, c.id desc), '[]')
  from chosen as c
$$;
revoke all on function drafts.list_conversations from public;
grant execute on function drafts.list_conversations to authenticated, service_role, app_rw, app_ro;
