-- The state of each tenant's queue, or of one tenant's: open envelopes by status, envelopes in flight, dead letters,
-- how many envelopes wait for a retry, and the next 20 retries. `oldest_due_at` is the due time of the oldest envelope
-- that could run now. Envelopes that wait for an earlier one with their ordering key cannot run; while a tenant is
-- paused, none can, and `oldest_due_at` is null.
-- call: replica
create or replace function worker_api.queue_status(tenant uuid default null, as_of timestamptz default null)
returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', t.id,
    'name', t.name,
    'paused', pauses.is_paused,
    'depth', coalesce(states.depth, '{}'),
    'in_flight', coalesce(held.in_flight, 0),
    'dlq', coalesce(dead.letters, 0),
    'doubtful', coalesce(dead.doubtful, 0),
    'oldest_due_at', case when not pauses.is_paused then states.oldest_due_at end,
    'retrying', coalesce(states.retrying, 0),
    'retries', coalesce(soonest.retries, '[]')
  ) order by t.name, t.id), '[]')
  from public.tenants as t
  cross join lateral (
    select t.paused_at is not null and (t.pause_ends_at is null or t.pause_ends_at > coalesce(as_of, now())) as is_paused
  ) as pauses
  left join (
    select s.tenant_id, jsonb_object_agg(s.status, s.envelopes) as depth, min(s.oldest_due_at) as oldest_due_at,
      sum(s.retrying) as retrying
    from (
      select
        o.tenant_id, o.status, count(*) as envelopes,
        count(*) filter (where o.status = 'pending' and o.retrying) as retrying,
        min(o.next_run_at) filter (
          where o.status = 'pending' and not o.waits and o.next_run_at <= coalesce(as_of, now())
            and (o.ordering_key is null or not exists (
              select from app_private.open_envelopes as older
              where older.tenant_id = o.tenant_id and older.ordering_key = o.ordering_key
                and (older.created_at, older.id) < (o.created_at, o.id)
            ))
        ) as oldest_due_at
      from app_private.open_envelopes as o
      where tenant is null or o.tenant_id = tenant
      group by 1, 2
    ) as s
    group by 1
  ) as states on states.tenant_id = t.id
  left join (
    select l.tenant_id, sum(cardinality(l.in_flight)) as in_flight from app_private.lanes as l group by 1
  ) as held on held.tenant_id = t.id
  left join (
    select d.tenant_id, count(*) as letters, count(*) filter (where d.doubtful) as doubtful
    from public.outbox_dlq as d group by 1
  ) as dead on dead.tenant_id = t.id
  left join lateral (
    select jsonb_agg(jsonb_build_object(
      'envelope_id', r.id, 'tool_slug', r.tool_slug, 'attempts', r.attempts, 'next_run_at', r.next_run_at,
      'wait_seconds', case
        when isfinite(r.next_run_at) then greatest(0, round(extract(epoch from r.next_run_at - coalesce(as_of, now())), 1))
        else 0
      end,
      'last_error', r.last_error
    ) order by r.next_run_at, r.id) as retries
    from (
      select o.* from app_private.open_envelopes as e
      join public.outbox as o on o.tenant_id = e.tenant_id and o.id = e.id
      where e.tenant_id = t.id and e.status = 'pending' and e.retrying
      order by e.next_run_at, e.id
      limit 20
    ) as r
  ) as soonest on true
  where tenant is null or t.id = tenant
$$;
revoke all on function worker_api.queue_status from public;
grant execute on function worker_api.queue_status to service_role, app_rw, app_ro, outbox_worker;
