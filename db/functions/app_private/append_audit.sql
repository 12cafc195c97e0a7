-- Append audit rows to their tenants' hash chains, in the order given, in the caller's transaction.
-- Locks each tenant's chain head until that transaction ends: a tenant's rows have one order, and no gaps.
create or replace function app_private.append_audit(entries app_private.audit_entry[], as_of timestamptz)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into app_private.audit_heads (tenant_id)
  select distinct e.tenant_id from unnest(entries) as e order by 1
  on conflict do nothing;

  perform from app_private.audit_heads as h
  where h.tenant_id in (select e.tenant_id from unnest(entries) as e)
  order by h.tenant_id for update;

  with numbered as (
    select
      e.*,
      h.hash as head,
      h.seq + row_number() over (partition by e.tenant_id order by e.position) as seq
    from unnest(entries) with ordinality as e (tenant_id, actor_type, actor_id, category, payload, position)
    join app_private.audit_heads as h using (tenant_id)
  ), chained as (
    select
      n.*,
      app_private.chain_hash(
        n.head,
        app_private.audit_digest(n.tenant_id, n.seq, n.actor_type, n.actor_id, n.category, n.payload, as_of)
      ) over (partition by n.tenant_id order by n.seq) as hash
    from numbered as n
  ), linked as (
    select c.*, coalesce(lag(c.hash) over (partition by c.tenant_id order by c.seq), c.head) as previous_hash
    from chained as c
  ), appended as (
    insert into public.audit_log
      (tenant_id, actor_type, actor_id, category, payload, created_at, seq, previous_hash, hash)
    select l.tenant_id, l.actor_type, l.actor_id, l.category, l.payload, as_of, l.seq, l.previous_hash, l.hash
    from linked as l
    order by l.position
    returning tenant_id, seq, hash
  )
  update app_private.audit_heads as h
  set seq = last.seq, hash = last.hash
  from (select distinct on (a.tenant_id) a.* from appended as a order by a.tenant_id, a.seq desc) as last
  where h.tenant_id = last.tenant_id;
end
$$;
revoke all on function app_private.append_audit from public;
