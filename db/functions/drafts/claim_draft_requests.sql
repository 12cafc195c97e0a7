-- Claim the conversations that need a draft now, and return each with all that a drafter may read: see
-- control_plane/apps/drafts/drafter. Tenants take turns, each with its longest waiting conversation first. If more than
-- `max_requests` tenants wait, some are chosen at random.
-- If nothing was saved for a claimed conversation, it can be claimed again after `lease_for`.
-- call: not repeatable
create or replace function drafts.claim_draft_requests(
  max_requests integer default 10, lease_for interval default '5 minutes', tenant uuid default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '1s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  answer jsonb;
begin
  with recursive waiting (tenant_id) as (   -- the tenants with due conversations: one index look-up for each
    (
      select c.tenant_id from drafts.conversations as c
      where c.draft_at <= moment and (claim_draft_requests.tenant is null or c.tenant_id = claim_draft_requests.tenant)
      order by c.tenant_id limit 1
    )
    union all
    select (
      select c.tenant_id from drafts.conversations as c
      where c.tenant_id > w.tenant_id and c.draft_at <= moment and claim_draft_requests.tenant is null
      order by c.tenant_id limit 1
    )
    from waiting as w
    where w.tenant_id is not null
  ), chosen as (
    select w.tenant_id from waiting as w where w.tenant_id is not null order by random() limit max_requests
  ), due as (
    select c.tenant_id, c.id from drafts.conversations as c
    where c.draft_at <= moment and (c.tenant_id, c.id) in (
      select oldest.tenant_id, oldest.id
      from chosen as t
      cross join lateral (
        select o.tenant_id, o.id, row_number() over (order by o.draft_at, o.id) as nth
        from drafts.conversations as o
        where o.tenant_id = t.tenant_id and o.draft_at <= moment
        order by o.draft_at, o.id
        limit max_requests
      ) as oldest
      order by oldest.nth limit max_requests
    )
    for no key update skip locked
  ), claimed as (
    update drafts.conversations as c set draft_at = moment + lease_for
    from due
    where c.tenant_id = due.tenant_id and c.id = due.id
    returning c.*
  )
  select jsonb_agg(jsonb_build_object(
    'tenant_id', c.tenant_id, 'conversation_id', c.id, 'trigger_message_id', c.unanswered_id,
    'channel_type', (
      select ch.type from drafts.channels as ch where ch.tenant_id = c.tenant_id and ch.id = c.channel_id
    ),
    'subject', c.subject, 'customer_name', c.customer_name, 'instruction', c.draft_instruction,
    'messages', (
      select coalesce(jsonb_agg(jsonb_build_object(
        'direction', h.direction, 'text', left(h.body_text, 100000), 'sent_at', h.sent_at
      ) order by h.sent_at, h.received_at, h.id), '[]')
      from (
        select m.* from drafts.messages as m
        where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.direction <> 'system'
          and m.automatic is null
        order by m.sent_at desc, m.received_at desc, m.id desc
        limit 50
      ) as h
    )
  ))
  into answer
  from claimed as c;
  return coalesce(answer, '[]');
end
$$;
revoke all on function drafts.claim_draft_requests from public;
grant execute on function drafts.claim_draft_requests to service_role, app_rw;
