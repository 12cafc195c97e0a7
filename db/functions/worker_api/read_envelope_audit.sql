-- The newest `max_rows` audit rows about one envelope, the oldest of them first.
-- call: replica
create or replace function worker_api.read_envelope_audit(tenant uuid, envelope uuid, max_rows integer)
returns jsonb language sql stable
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
  with times as (
    select o.created_at, o.updated_at from public.outbox as o where o.tenant_id = tenant and o.id = envelope
    union all
    select d.created_at, d.moved_at from public.outbox_dlq as d where d.tenant_id = tenant and d.id = envelope
  ), found as (
    select a.* from public.audit_log as a   -- no `order by` here: it would make the planner read the rows by seq
    where a.tenant_id = tenant and a.payload ->> 'envelope_id' = envelope::text
      and a.category not in ('envelope.proposed', 'envelope.success')
    -- Nearly every envelope has a row about its proposal and one about its success. Indexing these would make every
    -- envelope more expensive, so they are found by time. The row of a proposal is as old as the envelope or, in a batch,
    -- older by a microsecond for each envelope before it.
    union all
    select a.*
    from times as t
    cross join lateral (   -- `offset 0`: the rows are looked up by each time, and not all rows of the tenant are read
      select a.* from public.audit_log as a
      where a.tenant_id = tenant and a.category = 'envelope.proposed'
        and a.created_at between t.created_at - interval '100 milliseconds' and t.created_at
        and (
          a.payload ->> 'envelope_id' = envelope::text
          or a.payload @> jsonb_build_object('envelopes', jsonb_build_array(jsonb_build_object('envelope_id', envelope)))
        )
      offset 0
    ) as a
    union all
    select a.*
    from times as t
    cross join lateral (
      select a.* from public.audit_log as a
      where a.tenant_id = tenant and a.category = 'envelope.success' and a.created_at = t.updated_at
        and a.payload ->> 'envelope_id' = envelope::text
      offset 0
    ) as a
  )
  select coalesce(jsonb_agg(to_jsonb(newest) || jsonb_build_object(
    'hash', encode(newest.hash, 'hex'), 'previous_hash', encode(newest.previous_hash, 'hex')
  ) order by newest.seq), '[]')
  from (select f.* from found as f order by f.seq desc limit max_rows) as newest
$$;
revoke all on function worker_api.read_envelope_audit from public;
grant execute on function worker_api.read_envelope_audit to service_role, app_rw, app_ro, authenticated;
