-- Put proposed envelopes into the outbox, all or none: the n-th of the arrays is one. Each comes back, in their order,
-- with the row that holds its external_id now: [created, id, lane, next_run_at, created_at] where it is new, else
-- [created, envelope].
-- The same (tenant, external_id) twice returns the first, wherever its life has led it; the same key with another
-- tool, other arguments or another account is a conflict (PT409). app_private.check_proposed looks at what is new.
--
-- Order under an ordering key is the order of the calls, and within one that of the arrays: each envelope is created a
-- microsecond after the one before it, and after every open one with its key, even where the clock was set back.
--
-- Lanes are woken and audit rows appended as the transaction commits: left open, it holds nothing but its own rows and
-- keys.
create or replace function worker_api.enqueue(
  ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[],
  risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamptz[],
  actor_type text, actor_id text, must_run_before timestamptz[] default null, as_of timestamptz default null,
  door text default null
)
returns json
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, clock_timestamp());   -- several calls may share a transaction
  first_at timestamptz := moment;
  longest_key integer;
  fresh uuid[];
  fresh_tenants uuid[];
  fresh_lanes smallint[];
  fresh_moments timestamptz[];
  fresh_keys text[];
  payloads jsonb[];
  buried uuid[];
  problem text;
begin
  perform set_config('app.door', coalesce(enqueue.door, ''), true);
  if coalesce(cardinality(ids), 0) = 0 then
    return '[]';
  end if;

  select t.id into problem
  from (select distinct unnest(tenants) as id) as t
  where not exists (select from public.tenants as known where known.id = t.id)
  limit 1;
  if found then
    raise exception 'tenant_id: no tenant %', coalesce(problem, 'given') using errcode = 'PT404';
  end if;

  select max(length(m ->> 'ordering_key')) into longest_key from unnest(metadata) as m;
  if longest_key > 255 then
    raise exception 'metadata.ordering_key: is longer than 255 characters' using errcode = 'PT400';
  elsif longest_key is not null then
    select greatest(first_at, max(newest.at) + interval '1 microsecond') into first_at
    from (
      select distinct a.tenant_id, a.metadata ->> 'ordering_key' as key
      from unnest(tenants, metadata) as a (tenant_id, metadata)
    ) as ordered
    cross join lateral (
      select max(e.created_at) as at from app_private.open_envelopes as e
      where e.tenant_id = ordered.tenant_id and e.ordering_key = ordered.key
    ) as newest;
  end if;
  -- At most 100 levels deep: JSON readers break at some depth, and a row nobody can read would stop its lane. A document
  -- so deep takes more than 400 bytes.
  select d.field into problem
  from unnest(arguments, trust_contexts, metadata) as a (arguments, trust_context, metadata)
  cross join lateral (
    values ('arguments', a.arguments), ('trust_context', a.trust_context), ('metadata', a.metadata)
  ) as d (field, document)
  where d.document <> '{}' and (
    jsonb_typeof(d.document) <> 'object' or octet_length(d.document::text) > 65536
    or (pg_column_size(d.document) > 400 and jsonb_path_exists(d.document, '$.**{101}'))
  )
  limit 1;
  if found then
    raise exception '%: breaks its rule (too long, empty, or not one of the allowed values)', problem
      using errcode = 'PT400';
  end if;

  with asked as (
    select
      a.*, first_at + (a.position - 1) * interval '1 microsecond' as created_at,
      (get_byte(key.hash, 0) * 256 + get_byte(key.hash, 1)) % t.lanes as lane
    from unnest(
      ids, tenants, tool_slugs, tool_versions, arguments, connected_account_ids, risks, external_ids, trust_contexts,
      metadata, next_run_at, must_run_before
    ) with ordinality as a (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, next_run_at, must_run_before, position
    )
    join public.tenants as t on t.id = a.tenant_id
    cross join lateral (   -- a hash that is the same on every platform and in every version
      select sha256(convert_to(coalesce(a.metadata ->> 'ordering_key', a.external_id), 'UTF8')) as hash
    ) as key
  ), inserted as (   -- sorted, so that two callers with the same keys wait for each other instead of deadlocking
    insert into public.outbox (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, lane, next_run_at, must_run_before, created_at, updated_at
    )
    select
      a.id, a.tenant_id, a.tool_slug, a.tool_version, a.arguments, a.connected_account_id, a.risk, a.external_id,
      a.trust_context, a.metadata, a.lane, greatest(a.next_run_at, moment),
      a.must_run_before, a.created_at, a.created_at
    from asked as a
    order by a.tenant_id, a.external_id, a.position
    on conflict (tenant_id, external_id) do nothing
    returning outbox.id, outbox.tenant_id, outbox.lane, outbox.next_run_at, outbox.created_at, outbox.external_id,
      outbox.tool_slug, outbox.ordering_key
  )
  select
    array_agg(i.id order by i.created_at), array_agg(i.tenant_id order by i.created_at),
    array_agg(i.lane order by i.created_at), array_agg(i.next_run_at order by i.created_at),
    array_agg(i.ordering_key order by i.created_at), array_agg(jsonb_build_object(
      'envelope_id', i.id, 'external_id', i.external_id, 'tool_slug', i.tool_slug
    ) order by i.created_at)
  into fresh, fresh_tenants, fresh_lanes, fresh_moments, fresh_keys, payloads
  from inserted as i;

  -- A new statement sees what others committed while we waited for a key: a dead letter keeps its key.
  with undone as (
    delete from public.outbox as o
    using unnest(tenants, external_ids) as a (tenant_id, external_id), public.outbox_dlq as d
    where d.tenant_id = a.tenant_id and d.external_id = a.external_id
      and o.tenant_id = d.tenant_id and o.external_id = d.external_id
    returning o.id
  )
  select array_agg(u.id) into buried from undone as u;
  if buried is not null then
    select
      array_agg(f.id), array_agg(f.tenant_id), array_agg(f.lane), array_agg(f.moment), array_agg(f.key),
      array_agg(f.payload)
    into fresh, fresh_tenants, fresh_lanes, fresh_moments, fresh_keys, payloads
    from unnest(fresh, fresh_tenants, fresh_lanes, fresh_moments, fresh_keys, payloads)
      as f (id, tenant_id, lane, moment, key, payload)
    where f.id <> all (buried);
  end if;

  select d.id into problem
  from unnest(fresh_tenants, fresh) as f (tenant_id, id)
  join public.outbox_dlq as d on d.tenant_id = f.tenant_id and d.id = f.id
  limit 1;
  if found then
    raise exception 'id: % belongs to a dead letter; use a new one', problem using errcode = 'PT409';
  end if;

  if fresh is not null then
    perform app_private.do_at_commit(
      as_of,
      woken_tenants => array_agg(w.tenant_id), woken_lanes => array_agg(w.lane), woken_moments => array_agg(w.at),
      woken_keys => array_agg(w.key),
      audited_tenants => fresh_tenants, actor_type => enqueue.actor_type, actor_id => enqueue.actor_id,
      categories => array_fill('envelope.proposed'::text, array[cardinality(fresh)]), payloads => payloads,
      made_at => moment
    )
    from (
      select f.tenant_id, f.lane, f.key, min(f.at) as at
      from unnest(fresh_tenants, fresh_lanes, fresh_keys, fresh_moments) as f (tenant_id, lane, key, at)
      group by 1, 2, 3
    ) as w;
    perform app_private.notify_workers();
  end if;

  if cardinality(fresh) = cardinality(ids) then
    return (
      select json_agg(json_build_array(
        true, f.id, f.lane, f.next_run_at, first_at + (f.position - 1) * interval '1 microsecond'
      ) order by f.position)
      from unnest(fresh, fresh_lanes, fresh_moments) with ordinality as f (id, lane, next_run_at, position)
    );
  end if;

  select a.external_id into problem
  from unnest(tenants, external_ids, tool_slugs, arguments, connected_account_ids)
    as a (tenant_id, external_id, tool_slug, arguments, connected_account_id)
  left join public.outbox as o on o.tenant_id = a.tenant_id and o.external_id = a.external_id
  left join public.outbox_dlq as d on d.tenant_id = a.tenant_id and d.external_id = a.external_id
  where (coalesce(o.tool_slug, d.tool_slug), coalesce(o.arguments, d.arguments),
         coalesce(o.connected_account_id, d.connected_account_id))
    is distinct from (a.tool_slug, a.arguments, a.connected_account_id)
  limit 1;
  if found then
    raise exception 'external_id: % was proposed before with another tool, arguments or account; use a new key',
      to_jsonb(problem) using errcode = 'PT409';
  end if;

  return (
    select json_agg(json_build_array(
      coalesce(coalesce(o.id, d.id) = a.id, o.id = any (fresh), false)   -- sent again: the answer is what it was
        and a.nth = 1,
      coalesce(to_jsonb(o) || jsonb_build_object('verdicts', worker_api.verdicts_of(o)), to_jsonb(d))
    ) order by a.position)
    from (
      select g.*, row_number() over (partition by g.tenant_id, g.external_id order by g.position) as nth
      from unnest(tenants, external_ids, ids) with ordinality as g (tenant_id, external_id, id, position)
    ) as a
    left join public.outbox as o on o.tenant_id = a.tenant_id and o.external_id = a.external_id
    left join public.outbox_dlq as d on d.tenant_id = a.tenant_id and d.external_id = a.external_id
  );
end
$$;
revoke all on function worker_api.enqueue from public;
grant execute on function worker_api.enqueue to service_role, app_rw;
