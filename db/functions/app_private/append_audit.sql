-- Append audit rows to the hash chains of their tenants, in the caller's transaction. The n-th elements of `tenants`,
-- `categories` and `payloads` are one row. The rows of a tenant keep the order of the arrays.
create or replace function app_private.append_audit(
  tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], as_of timestamptz
)
returns void language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  actor constant text := ', ' || to_json(actor_type) || ', ' || to_json(actor_id) || ', ';
  made_at constant text := ', ' || (extract(epoch from as_of) * 1000000)::bigint || ']';
  heads uuid[];
  heads_locked integer;
  ordered_tenants uuid[];
  ordered_categories text[];
  ordered_payloads jsonb[];
  seqs bigint[];
  starts bytea[];
  digests bytea[];
  previous bytea[] := '{}';
  hashes bytea[] := '{}';
  last_hash bytea;
  ends integer[] := '{}';     -- for each tenant the position of its last row in the arguments
begin
  if cardinality(tenants) = 1 then   -- the usual case, in one statement
    -- A row's digest is the SHA-256 of this text, which covers every column except the id:
    --   ["tenant_id", seq, "actor_type", "actor_id", "category", payload, microseconds since 1970]
    -- Its hash is sha256(hash of the row before || digest). services/audit_log/digest.py computes the same.
    with head as (
      select h.seq + 1 as seq, h.hash from app_private.audit_heads as h where h.tenant_id = tenants[1] for update
    ), appended as (
      insert into public.audit_log
        (tenant_id, actor_type, actor_id, category, payload, created_at, seq, previous_hash, hash)
      select
        tenants[1], append_audit.actor_type, append_audit.actor_id, categories[1], payloads[1], as_of, head.seq,
        head.hash,
        sha256(head.hash || sha256(convert_to(
          '["' || tenants[1] || '", ' || head.seq || actor || to_json(categories[1]) || ', ' || payloads[1]::text || made_at,
          'UTF8'
        )))
      from head
      returning seq, hash
    )
    update app_private.audit_heads as h set seq = a.seq, hash = a.hash
    from appended as a
    where h.tenant_id = tenants[1];
    if found then   -- the tenant has rows already
      return;
    end if;
  end if;

  -- Lock the existing chain heads and create the missing ones, always in the order of the tenants. They stay locked until
  -- the transaction ends, so that a tenant's rows have one order and no gaps.
  select array_agg(distinct t) into heads from unnest(tenants) as t;
  perform from app_private.audit_heads as h where h.tenant_id = any (heads) order by h.tenant_id for update;
  get diagnostics heads_locked = row_count;
  if heads_locked < cardinality(heads) then
    insert into app_private.audit_heads (tenant_id)
    select t from unnest(heads) as t order by 1
    on conflict (tenant_id) do update set seq = 0 where false;
  end if;

  with numbered as (
    select
      e.tenant_id, e.category, e.payload, e.position, h.hash, row_number() over chain as nth,
      h.seq + row_number() over chain as seq
    from unnest(tenants, categories, payloads) with ordinality as e (tenant_id, category, payload, position)
    join app_private.audit_heads as h using (tenant_id)
    window chain as (partition by e.tenant_id order by e.position)
  ), digested as (
    select
      n.tenant_id, n.category, n.payload, n.seq,
      case when n.nth = 1 then n.hash end as start,   -- null: continues from the hash of the row before
      sha256(convert_to(
        '["' || n.tenant_id || '", ' || n.seq || actor || to_json(n.category) || ', ' || n.payload::text || made_at, 'UTF8'
      )) as digest
    from numbered as n
    order by n.tenant_id, n.position   -- the order of the window function above, so that nothing is sorted twice
  )
  select
    array_agg(d.tenant_id), array_agg(d.category), array_agg(d.payload), array_agg(d.seq), array_agg(d.start),
    array_agg(d.digest)
  into ordered_tenants, ordered_categories, ordered_payloads, seqs, starts, digests
  from digested as d;

  for at in 1 .. coalesce(cardinality(digests), 0) loop
    if starts[at] is not null then
      last_hash := starts[at];
      ends := ends || (at - 1);
    end if;
    previous[at] := last_hash;
    last_hash := sha256(last_hash || digests[at]);
    hashes[at] := last_hash;
  end loop;
  ends := ends || cardinality(digests);

  insert into public.audit_log
    (tenant_id, actor_type, actor_id, category, payload, created_at, seq, previous_hash, hash)
  select
    l.tenant_id, append_audit.actor_type, append_audit.actor_id, l.category, l.payload, as_of, l.seq, l.previous_hash,
    l.hash
  from unnest(ordered_tenants, ordered_categories, ordered_payloads, seqs, previous, hashes)
    as l (tenant_id, category, payload, seq, previous_hash, hash);

  update app_private.audit_heads as h
  set seq = seqs[e.position], hash = hashes[e.position]
  from unnest(ends) as e (position)
  where e.position > 0 and h.tenant_id = ordered_tenants[e.position];
end
$$;
revoke all on function app_private.append_audit from public;
