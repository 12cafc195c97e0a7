-- Move dead letters of one tenant, or of all (null), back to the queue with 0 attempts: the oldest first, at most
-- `max_envelopes`. `envelopes` names the dead letters; if it is null, all that app_private.is_requeueable allows are
-- moved. Guardrails judge the envelopes again, and earlier approvals do not count. Returns the envelopes.
-- Raises PT409 if the deadline of a named dead letter has passed, and PT400 if one of its numbers would change on
-- the way to the tool.
-- call: not repeatable
create or replace function worker_api.requeue_dead_letters(
  tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  requeued public.outbox[];
  overdue public.outbox_dlq;
  busy uuid[] := '{}';
begin
  perform app_private.check_texts(
    'actor_type', requeue_dead_letters.actor_type, 'actor_id', requeue_dead_letters.actor_id,
    'door', requeue_dead_letters.door
  );
  perform set_config('app.door', coalesce(requeue_dead_letters.door, ''), true);
  select d.* into overdue from public.outbox_dlq as d
  where (requeue_dead_letters.tenant is null or d.tenant_id = requeue_dead_letters.tenant)
    and d.id = any (envelopes) and d.must_run_before <= moment
  limit 1;
  if found then
    raise exception 'envelope: the deadline of % passed at %; propose it again', overdue.id, overdue.must_run_before
      using errcode = 'PT409';
  end if;
  -- A call for all tenants leaves out tenants whose lane or chain head is locked, so that no tenant waits for another.
  if requeue_dead_letters.tenant is null then
    with dead as materialized (
      select distinct d.tenant_id, d.lane from public.outbox_dlq as d
    ), lanes as (
      select l.tenant_id, l.lane from app_private.lanes as l
      where (l.tenant_id, l.lane) in (select d.tenant_id, d.lane from dead as d)
      order by l.tenant_id, l.lane
      for update skip locked
    ), heads as (
      select h.tenant_id from app_private.audit_heads as h
      where h.tenant_id in (select d.tenant_id from dead as d)
      order by h.tenant_id
      for update skip locked
    )
    select coalesce(array_agg(distinct d.tenant_id), '{}') into busy
    from dead as d
    left join app_private.lanes as l on l.tenant_id = d.tenant_id and l.lane = d.lane
    left join app_private.audit_heads as h on h.tenant_id = d.tenant_id
    where (l.lane is not null and (l.tenant_id, l.lane) not in (select f.tenant_id, f.lane from lanes as f))
      or (h.tenant_id is not null and h.tenant_id not in (select f.tenant_id from heads as f));
  end if;

  with chosen as materialized (   -- materialized: a sub-query could run again for each row, with its lock and limit
    select old.tenant_id, old.id from public.outbox_dlq as old
    where (requeue_dead_letters.tenant is null or old.tenant_id = requeue_dead_letters.tenant)
      and old.tenant_id <> all (busy)
      and case when envelopes is null then app_private.is_requeueable(old, moment) else old.id = any (envelopes) end
    order by old.moved_at, old.id
    limit max_envelopes
    for update skip locked
  ), revived as (
    delete from public.outbox_dlq as d
    using chosen as c
    where d.tenant_id = c.tenant_id and d.id = c.id
    returning d.*
  ), queued as (
    insert into public.outbox as o (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, status, next_run_at, last_error, lane, verdicts, must_run_before, proposed_by, proposed_arguments,
      objective_id, created_at, updated_at
    )
    select
      r.id, r.tenant_id, r.tool_slug, r.tool_version, r.arguments, r.connected_account_id, r.risk, r.external_id,
      r.trust_context, r.metadata, 'pending', moment, r.last_error, r.lane, r.verdicts, r.must_run_before, r.proposed_by,
      r.proposed_arguments, r.objective_id, r.created_at, moment
    from revived as r
    returning o.*
  )
  select array_agg(q order by q.created_at, q.id) into requeued from queued as q;
  if requeued is null then
    return '[]';
  end if;

  perform app_private.do_at_commit(
    moment,
    woken_tenants => array_agg(b.tenant_id), woken_lanes => array_agg(b.lane), woken_moments => array_agg(b.next_run_at),
    woken_keys => array_agg(b.ordering_key),
    audited_tenants => array_agg(b.tenant_id), actor_type => requeue_dead_letters.actor_type,
    actor_id => requeue_dead_letters.actor_id,
    categories => array_agg('envelope.requeued'::text),
    payloads => array_agg(app_private.envelope_event(b.id, b.external_id, b.tool_slug, '{}')), made_at => moment
  )
  from unnest(requeued) as b;
  perform app_private.notify_workers();

  return to_jsonb(requeued);
end
$$;
revoke all on function worker_api.requeue_dead_letters from public;
grant execute on function worker_api.requeue_dead_letters to service_role, app_rw;
