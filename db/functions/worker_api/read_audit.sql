-- A tenant's audit rows as they are stored, the oldest first, for verification. They begin with the first row, or after
-- the seq `after`, or with the first row created at `since` or later. `payload` is text, because a JSON client may lose
-- digits that the hash covers.
-- A database owner may have written invalid rows. They are returned too: rows without a seq are on the first page, and
-- rows with the same seq are on one page.
-- call: replica
create or replace function worker_api.read_audit(
  tenant uuid, after bigint, max_rows integer, since timestamptz default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  with page as (
    select a.* from public.audit_log as a
    where a.tenant_id = read_audit.tenant and a.seq is null and read_audit.after is null
    union all
    (
      select a.* from public.audit_log as a
      where a.tenant_id = read_audit.tenant
        -- with this condition the index scan starts at the right row
        and a.seq >= coalesce(read_audit.after, -9223372036854775808)
        and (read_audit.after is null or a.seq > read_audit.after)
        and (read_audit.since is null or a.seq >= (
          select min(b.seq) from public.audit_log as b
          where b.tenant_id = read_audit.tenant and b.created_at >= read_audit.since
        ))
      order by a.seq
      fetch first (max_rows) rows with ties
    )
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', p.tenant_id,
    'seq', p.seq,
    'actor_type', p.actor_type,
    'actor_id', p.actor_id,
    'category', p.category,
    'payload', p.payload::text,
    'created_at', p.created_at,
    'previous_hash', encode(p.previous_hash, 'hex'),
    'hash', encode(p.hash, 'hex')
  ) order by p.seq nulls first, p.id), '[]')
  from page as p
$$;
revoke all on function worker_api.read_audit from public;
grant execute on function worker_api.read_audit to service_role, app_rw, app_ro, authenticated;
