-- Append audit rows to their tenants' hash chains, each tenant's in the order given, in the caller's transaction.
-- Locks each tenant's chain head until that transaction ends: a tenant's rows have one order, and no gaps.
--
-- A row's digest covers every column but the row's own id, in one text that can be read in one way only:
--   ["tenant_id", seq, "actor_type", "actor_id", "category", payload, microseconds since 1970]
-- Its hash is sha256(the hash before || digest). services/audit_log/digest.py computes the same from outside.
create or replace function app_private.append_audit(entries app_private.audit_entry[], as_of timestamptz)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  microseconds bigint := extract(epoch from as_of) * 1000000;
  positions bigint[];
  seqs bigint[];
  starts bytea[];
  digests bytea[];
  previous bytea[] := '{}';
  hashes bytea[] := '{}';
  running bytea;
begin
  -- Makes the heads that are missing and locks the others, in one order for everybody.
  insert into app_private.audit_heads (tenant_id)
  select distinct e.tenant_id from unnest(entries) as e order by 1
  on conflict (tenant_id) do update set seq = 0 where false;

  with numbered as (
    select
      e.*,
      h.seq + row_number() over chain as seq,
      case when row_number() over chain = 1 then h.hash end as start   -- null: goes on where the row before ends
    from unnest(entries) with ordinality as e (tenant_id, actor_type, actor_id, category, payload, position)
    join app_private.audit_heads as h using (tenant_id)
    window chain as (partition by e.tenant_id order by e.position)
  ), digested as (
    select
      n.tenant_id, n.position, n.seq, n.start,
      sha256(convert_to(format(
        '["%s", %s, %s, %s, %s, %s, %s]',
        n.tenant_id, n.seq, to_json(n.actor_type), to_json(n.actor_id), to_json(n.category), n.payload, microseconds
      ), 'UTF8')) as digest
    from numbered as n
    order by n.tenant_id, n.position
  )
  select array_agg(d.position), array_agg(d.seq), array_agg(d.start), array_agg(d.digest)
  into positions, seqs, starts, digests
  from digested as d;

  for at in 1 .. coalesce(cardinality(digests), 0) loop
    running := coalesce(starts[at], running);
    previous[at] := running;
    running := sha256(running || digests[at]);
    hashes[at] := running;
  end loop;

  with linked as (
    select e.*, l.seq, l.previous_hash, l.hash, l.seq = max(l.seq) over (partition by e.tenant_id) as is_last
    from unnest(positions, seqs, previous, hashes) as l (position, seq, previous_hash, hash)
    join unnest(entries) with ordinality as e (tenant_id, actor_type, actor_id, category, payload, position)
      using (position)
  ), appended as (
    insert into public.audit_log
      (tenant_id, actor_type, actor_id, category, payload, created_at, seq, previous_hash, hash)
    select l.tenant_id, l.actor_type, l.actor_id, l.category, l.payload, as_of, l.seq, l.previous_hash, l.hash
    from linked as l
  )
  update app_private.audit_heads as h
  set seq = l.seq, hash = l.hash
  from linked as l
  where l.is_last and h.tenant_id = l.tenant_id;
end
$$;
revoke all on function app_private.append_audit from public;
