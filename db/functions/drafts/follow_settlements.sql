-- Record whether approved replies were sent. Reads this from the audit log, because audit rows remain when an envelope
-- is deleted. Reading continues at each tenant's stored position. If a reply failed, was cancelled or is unknown,
-- everybody of its tenant is notified. If the dead letter of a reply is requeued, the reply is `queued` again.
-- Returns {settled, more}: how many replies changed, and whether there are audit rows left to read. A tenant whose
-- position another call has locked is skipped.
-- call: repeatable
create or replace function drafts.follow_settlements(
  max_rows integer default 1000, tenant uuid default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '1s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  follower record;
  reached bigint;
  changed jsonb[];
  total integer := 0;
  more boolean := false;
begin
  perform set_config('app.door', 'job', true);
  for follower in
    select p.tenant_id, p.seq, h.seq as newest
    from drafts.audit_positions as p
    join app_private.audit_heads as h on h.tenant_id = p.tenant_id and h.seq > p.seq
    where follow_settlements.tenant is null or p.tenant_id = follow_settlements.tenant
    order by p.tenant_id
    for no key update of p skip locked
  loop
    with page as (
      select a.seq, a.category, a.payload, a.created_at from public.audit_log as a
      where a.tenant_id = follower.tenant_id and a.seq > follower.seq
      order by a.seq limit max_rows
    ), news as (
      select distinct on (e.envelope_id) e.*
      from (
        select
          p.seq, p.created_at, case   -- any program may append an audit row, so the id may be invalid
            when p.payload ->> 'envelope_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
            then (p.payload ->> 'envelope_id')::uuid
          end as envelope_id,
          case
            when p.category = 'envelope.success' then 'sent'
            when p.category = 'envelope.requeued' then 'queued'
            when p.category = 'envelope.resolved' then case p.payload ->> 'status'
              when 'success' then 'sent' when 'pending' then 'queued' when 'failed' then 'failed' end
            when p.category in ('envelope.conflict', 'envelope.failed', 'envelope.discarded') then 'failed'
            when p.category = 'envelope.unknown' then 'unknown'
            when p.category in ('envelope.denied', 'envelope.rejected', 'envelope.expired', 'envelope.cancelled')
              then 'cancelled'
          end as state,
          coalesce(p.payload ->> 'error', p.payload ->> 'reason', substr(p.category, 10)) as problem
        from page as p where p.category like 'envelope.%'
      ) as e
      where e.state is not null and e.envelope_id is not null
      order by e.envelope_id, e.seq desc
    ), updated as (
      update drafts.messages as m
      set
        delivery_state = n.state,
        delivery_error = case when n.state not in ('sent', 'queued') then n.problem end,
        delivered_at = case when n.state = 'sent' then n.created_at end
      from news as n
      where m.tenant_id = follower.tenant_id and m.envelope_id = n.envelope_id and m.delivery_state <> n.state
      returning m.id, m.conversation_id, m.envelope_id, m.delivery_state
    ), sent as (
      update drafts.draft_actions as a set sent_msg_id = coalesce(o.result ->> 'message_id', m.external_id)
      from updated as u
      join drafts.messages as m on m.tenant_id = follower.tenant_id and m.id = u.id
      left join public.outbox as o on o.tenant_id = follower.tenant_id and o.id = u.envelope_id
      where a.tenant_id = follower.tenant_id and a.message_id = u.id and u.delivery_state = 'sent'
    )
    select
      (select max(p.seq) from page as p),
      array_agg(jsonb_build_object(
        'conversation_id', u.conversation_id, 'message_id', u.id, 'envelope_id', u.envelope_id,
        'state', u.delivery_state
      ) order by u.id)
    into reached, changed
    from updated as u;
    update drafts.audit_positions as p set seq = reached where p.tenant_id = follower.tenant_id;
    more := more or reached < follower.newest;
    continue when changed is null;
    total := total + cardinality(changed);
    insert into drafts.notifications (tenant_id, type, payload, created_at)
    select follower.tenant_id, 'reply.' || (c.reply ->> 'state'), c.reply - 'state', moment
    from unnest(changed) as c (reply) where c.reply ->> 'state' not in ('sent', 'queued');
    perform app_private.do_at_commit(
      moment, audited_tenants => array_fill(follower.tenant_id, array[cardinality(changed)]), actor_type => 'system',
      actor_id => 'reply_delivery',
      categories => array(select 'draft.' || (c.reply ->> 'state') from unnest(changed) as c (reply)),
      payloads => array(select c.reply - 'state' from unnest(changed) as c (reply)), made_at => moment
    );
  end loop;
  return jsonb_build_object('settled', total, 'more', more);
end
$$;
revoke all on function drafts.follow_settlements from public;
grant execute on function drafts.follow_settlements to service_role, app_rw;
