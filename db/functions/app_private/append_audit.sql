-- Append audit rows to their tenants' hash chains, each tenant's in the order given, in the caller's transaction: the
-- n-th of `tenants`, `categories` and `payloads` is a row. Locks each tenant's chain head until that transaction ends: a
-- tenant's rows have one order, and no gaps.
--
-- A row's digest covers every column but the row's own id, in one text that can be read in one way only:
--   ["tenant_id", seq, "actor_type", "actor_id", "category", payload, microseconds since 1970]
-- Its hash is sha256(the hash before || digest). services/audit_log/digest.py computes the same from outside.
create or replace function app_private.append_audit(
  tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], as_of timestamptz
)
returns void language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  actor constant text := ', ' || to_json(actor_type) || ', ' || to_json(actor_id) || ', ';
  made_at constant text := ', ' || (extract(epoch from as_of) * 1000000)::bigint || ']';
  ordered_tenants uuid[];
  ordered_categories text[];
  ordered_payloads jsonb[];
  seqs bigint[];
  starts bytea[];
  digests bytea[];
  previous bytea[] := '{}';
  hashes bytea[] := '{}';
  running bytea;
begin
  -- Makes the heads that are missing and locks the others, in one order for everybody.
  insert into app_private.audit_heads (tenant_id)
  select distinct t from unnest(tenants) as t order by 1
  on conflict (tenant_id) do update set seq = 0 where false;

  with numbered as (
    select e.tenant_id, e.category, e.payload, e.position, row_number() over chain as nth
    from unnest(tenants, categories, payloads) with ordinality as e (tenant_id, category, payload, position)
    window chain as (partition by e.tenant_id order by e.position)
  ), digested as (
    select
      n.tenant_id, n.category, n.payload, h.seq + n.nth as seq,
      case when n.nth = 1 then h.hash end as start,   -- null: goes on where the row before ends
      sha256(convert_to(
        '["' || n.tenant_id || '", ' || (h.seq + n.nth) || actor || to_json(n.category) || ', ' || n.payload || made_at,
        'UTF8'
      )) as digest
    from numbered as n
    join app_private.audit_heads as h using (tenant_id)
    order by n.tenant_id, n.position
  )
  select
    array_agg(d.tenant_id), array_agg(d.category), array_agg(d.payload), array_agg(d.seq), array_agg(d.start),
    array_agg(d.digest)
  into ordered_tenants, ordered_categories, ordered_payloads, seqs, starts, digests
  from digested as d;

  for at in 1 .. coalesce(cardinality(digests), 0) loop
    running := coalesce(starts[at], running);
    previous[at] := running;
    running := sha256(running || digests[at]);
    hashes[at] := running;
  end loop;

  insert into public.audit_log
    (tenant_id, actor_type, actor_id, category, payload, created_at, seq, previous_hash, hash)
  select
    l.tenant_id, append_audit.actor_type, append_audit.actor_id, l.category, l.payload, as_of, l.seq, l.previous_hash,
    l.hash
  from unnest(ordered_tenants, ordered_categories, ordered_payloads, seqs, previous, hashes)
    as l (tenant_id, category, payload, seq, previous_hash, hash);

  update app_private.audit_heads as h
  set seq = l.seq, hash = l.hash
  from (
    select distinct on (c.tenant_id) c.tenant_id, c.seq, c.hash
    from unnest(ordered_tenants, seqs, hashes) as c (tenant_id, seq, hash)
    order by c.tenant_id, c.seq desc
  ) as l
  where h.tenant_id = l.tenant_id;
end
$$;
revoke all on function app_private.append_audit from public;
