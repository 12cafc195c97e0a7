-- Count the envelopes that have ended since the last call, for the charts of the overview. Reads about `max_rows` audit
-- rows, for each tenant those after its stored position, and moves the positions. Returns {ends, more}: how many were
-- counted, and whether there are audit rows left to read.
-- call: repeatable
create or replace function worker_api.count_ends(max_rows integer, as_of timestamptz default null)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '1s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  epoch constant timestamptz := '1970-01-01 00:00:00+00';
  spans constant interval[] := '{1 minute, 15 minutes, 2 hours}';
  spans_kept_for constant interval[] := '{75 minutes, 26 hours, 8 days}';
  moved_tenants uuid[];
  moved_seqs bigint[];
  rows_each integer;
  ended bigint;
  is_more boolean;
begin
  -- A tenant's first position is before its oldest audit row that a chart can show.
  insert into app_private.end_positions (tenant_id, seq)
  select h.tenant_id, coalesce((
    select a.seq from public.audit_log as a
    where a.tenant_id = h.tenant_id and a.created_at < moment - interval '8 days'
    order by a.created_at desc limit 1
  ), 0)
  from app_private.audit_heads as h
  where not exists (select from app_private.end_positions as p where p.tenant_id = h.tenant_id)
  order by h.tenant_id
  on conflict do nothing;

  select array_agg(m.tenant_id), array_agg(m.seq) into moved_tenants, moved_seqs
  from (
    select p.tenant_id, p.seq
    from app_private.end_positions as p
    join app_private.audit_heads as h on h.tenant_id = p.tenant_id and h.seq > p.seq
    order by p.tenant_id
    for update of p skip locked
  ) as m;
  rows_each := greatest(max_rows / coalesce(cardinality(moved_tenants), 1), 1);

  with read as materialized (
    select a.tenant_id, a.seq, a.category, a.payload, a.created_at
    from unnest(moved_tenants, moved_seqs) as m (tenant_id, seq)
    cross join lateral (
      select * from public.audit_log as l where l.tenant_id = m.tenant_id and l.seq > m.seq order by l.seq limit rows_each
    ) as a
  ), ends as (
    select r.tenant_id, r.created_at as ended_at, s.status, case when s.status in ('success', 'conflict') then (
      select floor(
        4 * ln(greatest(extract(epoch from r.created_at - o.created_at)::float8 * 1000, 1)) / ln(2::float8)
      )::integer
      from public.outbox as o
      where o.tenant_id = r.tenant_id and o.id = case   -- any program may append an audit row, so the id may be invalid
          when r.payload ->> 'envelope_id' ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
          then (r.payload ->> 'envelope_id')::uuid
        end
        -- this condition also keeps the planner from using the index on created_at
        and o.status in ('success', 'conflict')
        and isfinite(o.created_at)
    ) end as latency_class   -- see services/overview/latency.py
    from read as r
    cross join lateral (
      select case r.category when 'envelope.resolved' then r.payload ->> 'status' else substr(r.category, 10) end as status
    ) as s
    where isfinite(r.created_at) and (
        r.category in (
          'envelope.success', 'envelope.conflict', 'envelope.rejected', 'envelope.expired', 'envelope.cancelled',
          'envelope.failed', 'envelope.denied'
        )
        or r.category = 'envelope.resolved' and s.status in ('success', 'failed')
      )
  ), keys as (
    select
      whose.tenant_id, span.every, date_bin(span.every, e.ended_at, epoch) as starts_at, k.key, count(*) as envelopes
    from ends as e
    cross join lateral (values (e.tenant_id), (null)) as whose (tenant_id)
    cross join lateral (values (e.status), (e.latency_class::text)) as k (key)
    cross join unnest(spans, spans_kept_for) as span (every, kept_for)
    where k.key is not null and e.ended_at >= moment - span.kept_for
    group by 1, 2, 3, 4
  ), counted as (
    insert into app_private.end_counts as c (tenant_id, every, starts_at, counts)
    select k.tenant_id, k.every, k.starts_at, jsonb_object_agg(k.key, k.envelopes)
    from keys as k
    group by 1, 2, 3
    order by 1, 2, 3
    on conflict on constraint end_counts_starts_at_uidx do update set counts = app_private.add_counts(c.counts, excluded.counts)
  ), positions as (
    update app_private.end_positions as p
    set seq = last.seq
    from (select r.tenant_id, max(r.seq) as seq from read as r group by 1) as last
    where p.tenant_id = last.tenant_id
  )
  select (select count(*) from ends), exists (select from read as r group by r.tenant_id having count(*) = rows_each)
  into ended, is_more;

  delete from app_private.end_counts as c
  using unnest(spans, spans_kept_for) as span (every, kept_for)
  where c.every = span.every and c.starts_at < moment - span.kept_for;
  return jsonb_build_object('ends', ended, 'more', is_more);
end
$$;
revoke all on function worker_api.count_ends from public;
grant execute on function worker_api.count_ends to service_role, app_rw;
