-- Record what became of the envelopes of autopilot. This is read from the audit log, because audit rows remain when an
-- envelope is deleted. Reading continues at each tenant's stored position. A tenant is skipped if another call has
-- locked its position, or if an open transaction has locked rows that would change. Returns {settled, more}: how many
-- rows of autopilot changed, and whether there are audit rows left to read.
-- call: repeatable
create or replace function autopilot.follow_settlements(
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
  news jsonb;
  total integer := 0;
  more boolean := false;
begin
  perform set_config('app.door', 'job', true);
  for follower in
    select p.organization_id, p.seq, h.seq as newest
    from autopilot.audit_positions as p
    join app_private.audit_heads as h on h.tenant_id = p.organization_id and h.seq > p.seq
    where follow_settlements.tenant is null or p.organization_id = follow_settlements.tenant
    order by p.organization_id
    for no key update of p skip locked
  loop
    with page as (
      select a.seq, a.category, a.payload, a.created_at from public.audit_log as a
      where a.tenant_id = follower.organization_id and a.seq > follower.seq
      order by a.seq limit max_rows
    ), latest as (
      select distinct on (e.envelope_id) e.*
      from (
        select
          p.seq, p.category, p.created_at, case   -- any program may append an audit row, so the id may be invalid
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
    )
    select (select max(p.seq) from page as p), jsonb_agg(jsonb_build_object(
      'envelope_id', l.envelope_id, 'state', l.state, 'problem', l.problem, 'at', l.created_at,
      'is_rejected', l.category = 'envelope.rejected'
    ))
    into reached, news
    from latest as l;
    begin
      if news is not null then
        total := total + autopilot.settle_responses(follower.organization_id, news, moment, follow_settlements.as_of)
          + autopilot.settle_articles(follower.organization_id, news, moment);
      end if;
      update autopilot.audit_positions as p set seq = reached where p.organization_id = follower.organization_id;
      more := more or reached < follower.newest;
    exception when lock_not_available then   -- a transaction of this tenant is open: the next call reads these rows again
      null;
    end;
  end loop;
  return jsonb_build_object('settled', total, 'more', more);
end
$$;
revoke all on function autopilot.follow_settlements from public;
grant execute on function autopilot.follow_settlements to service_role, app_rw;
