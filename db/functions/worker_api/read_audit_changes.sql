-- The audit rows of all tenants that became visible between the snapshots `since` and `until` (texts of pg_snapshot),
-- sorted by tenant and seq, beginning after the row (`after_tenant`, `after_seq`). If `until` is null, up to now.
-- Returns {until, rows}. With the same two snapshots, a later call gets the same rows in the same order, so a reader
-- can continue.
-- If `since` is from another server or more than `most_behind` transactions old, `rows` is null.
-- call: repeatable
create or replace function worker_api.read_audit_changes(
  since text, until text, after_tenant uuid, after_seq bigint, max_rows integer, most_behind bigint
)
returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp as $$
declare
  seen constant pg_snapshot := coalesce(since, pg_current_snapshot()::text)::pg_snapshot;
  now_at constant pg_snapshot := pg_current_snapshot();
  wanted constant pg_snapshot := coalesce(until, now_at::text)::pg_snapshot;
  newest constant bigint := pg_snapshot_xmax(now_at)::text::bigint;
  behind constant bigint := newest - pg_snapshot_xmax(seen)::text::bigint;
  rows jsonb;
begin
  if behind < 0 or behind > most_behind or pg_snapshot_xmax(wanted)::text::bigint > newest then
    return jsonb_build_object('until', now_at, 'rows', null);
  end if;
  -- A tenant's rows become visible in the order of their seq, because the chain head is locked until the commit. So new
  -- rows are at the end of a chain, and only chains whose head is new are searched. xmin is the transaction that wrote a
  -- row, because audit rows are never written in a subtransaction. The function is stable, so both queries see one
  -- snapshot. A standby server cannot answer, because its snapshots do not list running transactions.
  -- xmin has 32 bits. `newest - ((newest - xmin) & 4294967295)` is the 64-bit number of the same transaction.
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', r.tenant_id,
    'seq', r.seq,
    'actor_type', r.actor_type,
    'actor_id', r.actor_id,
    'category', r.category,
    'payload', r.payload::text,
    'created_at', r.created_at,
    'previous_hash', encode(r.previous_hash, 'hex'),
    'hash', encode(r.hash, 'hex')
  ) order by r.tenant_id, r.seq), '[]')
  into rows
  from (
    select a.*
    from app_private.audit_heads as h
    left join lateral (
      select b.seq from public.audit_log as b
      where b.tenant_id = h.tenant_id and pg_visible_in_snapshot(
        (newest - ((newest - b.xmin::text::bigint) & 4294967295))::text::xid8, seen
      )
      order by b.seq desc
      limit 1
    ) as known on true
    join public.audit_log as a on a.tenant_id = h.tenant_id and a.seq > coalesce(known.seq, 0)
    where (after_tenant is null or h.tenant_id >= after_tenant)
      and (after_tenant is null or h.tenant_id > after_tenant or a.seq > after_seq)
      and not pg_visible_in_snapshot(
        (newest - ((newest - h.xmin::text::bigint) & 4294967295))::text::xid8, seen
      )
      and pg_visible_in_snapshot(
        (newest - ((newest - a.xmin::text::bigint) & 4294967295))::text::xid8, wanted
      )
    order by a.tenant_id, a.seq
    limit max_rows
  ) as r;
  return jsonb_build_object('until', wanted, 'rows', rows);
end
$$;
revoke all on function worker_api.read_audit_changes from public;
grant execute on function worker_api.read_audit_changes to service_role, app_rw;
