-- Put proposed envelopes into the outbox, all or none. Returns [{envelope, created}], in their order. Each comes back with
-- the row that holds its external_id now:
-- the same (tenant, external_id) twice returns the first, wherever its life has led it; the same key with another
-- tool, other arguments or another account is a conflict (PT409). A batch keeps its order: each envelope is created a
-- microsecond after the one before it.
create or replace function worker_api.enqueue(
  envelopes jsonb, actor_type text, actor_id text, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz := coalesce(as_of, now());
  asked app_private.proposal[];
  fresh uuid[];
  buried uuid[];
  problem text;
begin
  select array_agg(p) into asked
  from jsonb_populate_recordset(null::app_private.proposal, envelopes) as p;
  if asked is null then
    return '[]';
  end if;

  select a.tenant_id into problem
  from unnest(asked) as a
  where not exists (select from public.tenants as t where t.id = a.tenant_id)
  limit 1;
  if found then
    raise exception 'tenant_id: no tenant %; see: python -m control_plane tenants list', coalesce(problem, 'given')
      using errcode = 'PT404';
  end if;

  if exists (select from unnest(asked) as a where length(a.metadata ->> 'ordering_key') > 255) then
    raise exception 'metadata.ordering_key: is longer than 255 characters' using errcode = 'PT400';
  end if;

  with inserted as (   -- sorted, so that two callers with the same keys wait for each other instead of deadlocking
    insert into public.outbox (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, lane, next_run_at, created_at, updated_at
    )
    select
      coalesce(a.id, gen_random_uuid()), a.tenant_id, a.tool_slug, a.tool_version, coalesce(a.arguments, '{}'),
      a.connected_account_id, coalesce(a.risk, 'low'), a.external_id, coalesce(a.trust_context, '{}'),
      coalesce(a.metadata, '{}'),
      (get_byte(key.hash, 0) * 256 + get_byte(key.hash, 1)) % t.lanes,
      greatest(a.next_run_at, moment), moment + (a.position - 1) * interval '1 microsecond', moment
    from unnest(asked) with ordinality as a (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, next_run_at, position
    )
    join public.tenants as t on t.id = a.tenant_id
    cross join lateral (   -- a hash that is the same on every platform and in every version
      select sha256(convert_to(coalesce(a.metadata ->> 'ordering_key', a.external_id), 'UTF8')) as hash
    ) as key
    order by a.tenant_id, a.external_id, a.position
    on conflict (tenant_id, external_id) do nothing
    returning id
  )
  select array_agg(i.id) into fresh from inserted as i;

  -- A new statement sees what others committed while we waited for a key: a dead letter keeps its key.
  with undone as (
    delete from public.outbox as o
    using public.outbox_dlq as d
    where o.id = any (fresh) and d.tenant_id = o.tenant_id and d.external_id = o.external_id
    returning o.id
  )
  select array_agg(u.id) into buried from undone as u;
  if buried is not null then
    select array_agg(f) into fresh from unnest(fresh) as f where f <> all (buried);
  end if;

  select d.id into problem from public.outbox_dlq as d where d.id = any (fresh) limit 1;
  if found then
    raise exception 'id: % belongs to a dead letter; use a new one', problem using errcode = 'PT409';
  end if;

  select a.external_id into problem
  from unnest(asked) as a
  left join public.outbox as o on o.tenant_id = a.tenant_id and o.external_id = a.external_id
  left join public.outbox_dlq as d on d.tenant_id = a.tenant_id and d.external_id = a.external_id
  where (coalesce(o.tool_slug, d.tool_slug), coalesce(o.arguments, d.arguments),
         coalesce(o.connected_account_id, d.connected_account_id))
    is distinct from (a.tool_slug, coalesce(a.arguments, '{}'), a.connected_account_id)
  limit 1;
  if found then
    raise exception 'external_id: % was proposed before with another tool, arguments or account; use a new key',
      to_jsonb(problem) using errcode = 'PT409';
  end if;

  if fresh is not null then
    perform app_private.wake_lanes(array_agg(o.tenant_id), array_agg(o.lane), array_agg(o.next_run_at))
    from public.outbox as o where o.id = any (fresh);

    perform app_private.append_audit(
      array_agg(app_private.envelope_entry(
        o.tenant_id, actor_type, actor_id, 'proposed', o.id, o.external_id, o.tool_slug, '{}'
      ) order by o.created_at, o.id),
      moment
    )
    from public.outbox as o where o.id = any (fresh);

    perform app_private.notify_workers();
  end if;

  return (
    select jsonb_agg(jsonb_build_object('envelope', held.envelope, 'created', held.created) order by held.position)
    from (
      select
        a.position,
        coalesce(to_jsonb(o), to_jsonb(d)) as envelope,
        coalesce(coalesce(o.id, d.id) = a.id, o.id = any (fresh), false)   -- sent again: the answer is what it was
          and row_number() over (partition by a.tenant_id, a.external_id order by a.position) = 1 as created
      from unnest(asked) with ordinality as a (
        id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
        metadata, next_run_at, position
      )
      left join public.outbox as o on o.tenant_id = a.tenant_id and o.external_id = a.external_id
      left join public.outbox_dlq as d on d.tenant_id = a.tenant_id and d.external_id = a.external_id
    ) as held
  );
end
$$;
revoke all on function worker_api.enqueue from public;
grant execute on function worker_api.enqueue to service_role, app_rw;
