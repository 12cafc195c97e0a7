-- The ends of audit chains, by tenant: of one tenant, or of all tenants after `after`. `seq` and `hash` are those of
-- the head; null if the head is missing. `newest` is the highest seq of the rows. If somebody removed the last rows or
-- changed the seq of the head, `newest` differs from `seq`.
-- call: replica
create or replace function worker_api.list_audit_heads(
  tenant uuid default null, after uuid default null, max_heads integer default 500
)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  with recursive audited (tenant_id) as (   -- one index look-up per tenant, instead of a scan of all rows
    select coalesce(
      list_audit_heads.after,
      (select a.tenant_id from public.audit_log as a order by a.tenant_id limit 1)
    )
    where list_audit_heads.tenant is null
    union all
    select (
      select a.tenant_id from public.audit_log as a
      where a.tenant_id > s.tenant_id
      order by a.tenant_id limit 1
    )
    from audited as s
    where s.tenant_id is not null
  ), known as (
    (
      select s.tenant_id from audited as s
      where s.tenant_id is distinct from list_audit_heads.after
      limit max_heads
    )
    union
    (
      select h.tenant_id from app_private.audit_heads as h
      where list_audit_heads.tenant is null and (list_audit_heads.after is null or h.tenant_id > list_audit_heads.after)
      order by h.tenant_id
      limit max_heads
    )
    union
    select list_audit_heads.tenant
    where exists (select from public.audit_log as a where a.tenant_id = list_audit_heads.tenant)
    union
    select h.tenant_id from app_private.audit_heads as h where h.tenant_id = list_audit_heads.tenant
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'tenant_id', n.tenant_id,
    'seq', h.seq,
    'hash', encode(h.hash, 'hex'),
    'newest', (select max(a.seq) from public.audit_log as a where a.tenant_id = n.tenant_id)
  ) order by n.tenant_id), '[]')
  from (select k.tenant_id from known as k where k.tenant_id is not null order by k.tenant_id limit max_heads) as n
  left join app_private.audit_heads as h using (tenant_id)
$$;
revoke all on function worker_api.list_audit_heads from public;
grant execute on function worker_api.list_audit_heads to service_role, app_rw, app_ro;
