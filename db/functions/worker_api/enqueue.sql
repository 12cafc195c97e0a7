-- Insert proposed envelopes into the outbox, all or none. The n-th elements of the arrays are one envelope. Returns a
-- list of the same length. If all envelopes are new, its elements are [true, id, lane, next_run_at, created_at].
-- Otherwise all are [created, envelope], where `envelope` is the stored one with this external_id, and `created` says
-- whether this proposal created it (also in an earlier call with the same id). Raises PT409 if the stored envelope was
-- proposed with another tool, another account or other arguments, and PT404 for an unknown tenant or objective.
-- Envelopes with the same ordering key are executed in the order of the calls and of the arrays.
-- If `commits_at_once`, the caller promises to commit as soon as the call returns. This is cheaper, but while such a
-- transaction stays open, other calls for its tenants wait.
-- `policy_stamp` and `tool_stamps` are the stamps of the policy and the tools with which the caller checked the
-- envelopes, all of one tenant: see worker_api.read_stamps. If a stamp has changed, nothing is written and the answer
-- is [].
-- call: repeatable, columns 3 deep
create or replace function worker_api.enqueue(
  ids uuid[], tenants uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[],
  risks text[], external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamptz[],
  actor_type text, actor_id text, must_run_before timestamptz[] default null, as_of timestamptz default null,
  commits_at_once boolean default false, door text default null, objective_ids uuid[] default null,
  policy_stamp text default null, tool_stamps text[] default null
)
returns json
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off
set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, clock_timestamp());   -- not now(): several calls may share a transaction
  first_created_at timestamptz := moment;
  distinct_tenants uuid[];
  known_tenants integer;
  have_dead_letters boolean;
  longest_key integer;
  new_ids uuid[];
  new_tenants uuid[];
  new_lanes smallint[];
  new_moments timestamptz[];
  new_keys text[];
  payloads jsonb[];
  audit record;
  undone_tenants uuid[];
  undone_ids uuid[];
  problem text;
  answer json;
begin
  perform app_private.check_texts(
    'actor_type', enqueue.actor_type, 'actor_id', enqueue.actor_id, 'door', enqueue.door,
    'policy_stamp', enqueue.policy_stamp
  );
  if coalesce(cardinality(ids), 0) = 0 then
    return '[]';
  end if;
  if policy_stamp is not null and (policy_stamp <> app_private.policy_stamp(tenants[1]) or exists (
    select from (select distinct a.* from unnest(tool_slugs, tool_stamps) as a (slug, stamp)) as checked
    where checked.stamp is distinct from app_private.tool_stamp(tenants[1], checked.slug)
  )) then
    return '[]';
  end if;

  perform app_private.check_documents(enqueue.arguments, trust_contexts, enqueue.metadata);
  if cardinality(ids) = 1 and commits_at_once and objective_ids[1] is null then
    answer := app_private.enqueue_one(
      ids[1], tenants[1], tool_slugs[1], tool_versions[1], arguments[1], connected_account_ids[1], risks[1],
      external_ids[1], trust_contexts[1], metadata[1], next_run_at[1], must_run_before[1], enqueue.actor_type,
      enqueue.actor_id, enqueue.door, as_of, moment
    );
    if answer is not null then
      return answer;
    end if;
  end if;

  select
    given.tenants, given.longest_key,
    (select count(*) from public.tenants as known where known.id = any (given.tenants)),
    exists (select from public.outbox_dlq as d where d.tenant_id = any (given.tenants))
  into distinct_tenants, longest_key, known_tenants, have_dead_letters
  from (
    select array_agg(distinct a.tenant_id) as tenants, max(length(a.metadata ->> 'ordering_key')) as longest_key
    from unnest(tenants, metadata) as a (tenant_id, metadata)
  ) as given;
  if known_tenants < cardinality(distinct_tenants) then
    raise exception 'tenant_id: no tenant %', coalesce((
      select t.id::text from unnest(distinct_tenants) as t (id)
      where not exists (select from public.tenants as known where known.id = t.id)
      limit 1
    ), 'given') using errcode = 'PT404';
  end if;
  if longest_key > 255 then
    raise exception 'metadata.ordering_key: is longer than 255 characters' using errcode = 'PT400';
  elsif longest_key is not null then
    -- Envelopes with one ordering key are executed in the order of created_at. So each one is a microsecond after the one
    -- before it and after every open envelope with the key, even if the clock was set back.
    select greatest(first_created_at, max(newest.at) + interval '1 microsecond') into first_created_at
    from (
      select distinct a.tenant_id, a.metadata ->> 'ordering_key' as key
      from unnest(tenants, metadata) as a (tenant_id, metadata)
    ) as ordered
    cross join lateral (
      select max(e.created_at) as at from app_private.open_envelopes as e
      where e.tenant_id = ordered.tenant_id and e.ordering_key = ordered.key
    ) as newest;
  end if;
  if array_remove(objective_ids, null) <> '{}' then
    select a.objective_id into problem
    from unnest(tenants, objective_ids) as a (tenant_id, objective_id)
    where a.objective_id is not null and not exists (
      select from public.objectives as known where known.tenant_id = a.tenant_id and known.id = a.objective_id
    )
    limit 1;
    if found then
      raise exception 'objective_id: no objective % in this tenant', problem using errcode = 'PT404';
    end if;
  end if;

  with proposed as (
    select
      a.*, first_created_at + (a.position - 1) * interval '1 microsecond' as created_at,
      case
        when t.lanes = 1 then 0
        else app_private.lane_of(coalesce(a.metadata ->> 'ordering_key', a.external_id), t.lanes)
      end as lane
    from unnest(
      ids, tenants, tool_slugs, tool_versions, arguments, connected_account_ids, risks, external_ids, trust_contexts,
      metadata, next_run_at, must_run_before, objective_ids
    ) with ordinality as a (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, next_run_at, must_run_before, objective_id, position
    )
    join public.tenants as t on t.id = a.tenant_id
    -- Envelopes with the external_id of a dead letter are left out here and not only below: a row that is inserted and
    -- then deleted would keep the external_id locked until this transaction ends.
    where not have_dead_letters or not exists (
      select from public.outbox_dlq as d where d.tenant_id = a.tenant_id and d.external_id = a.external_id
    )
  ), inserted as (   -- sorted: two callers with the same keys wait for each other and never deadlock
    insert into public.outbox (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, lane, next_run_at, must_run_before, objective_id, proposed_by, created_at, updated_at
    )
    select
      a.id, a.tenant_id, a.tool_slug, a.tool_version, a.arguments, a.connected_account_id, a.risk, a.external_id,
      a.trust_context, a.metadata, a.lane, greatest(a.next_run_at, moment),
      a.must_run_before, a.objective_id, enqueue.actor_type || ':' || enqueue.actor_id, a.created_at, a.created_at
    from proposed as a
    order by a.tenant_id, a.external_id, a.position
    on conflict (tenant_id, external_id) do nothing
    returning outbox.id, outbox.tenant_id, outbox.lane, outbox.next_run_at, outbox.created_at, outbox.external_id,
      outbox.tool_slug, outbox.ordering_key, outbox.objective_id
  )
  select
    array_agg(i.id order by i.created_at), array_agg(i.tenant_id order by i.created_at),
    array_agg(i.lane order by i.created_at), array_agg(i.next_run_at order by i.created_at),
    array_agg(i.ordering_key order by i.created_at), array_agg(case
      when i.objective_id is null
        then jsonb_object(array['envelope_id', i.id::text, 'external_id', i.external_id, 'tool_slug', i.tool_slug])
      else jsonb_object(array[
        'envelope_id', i.id::text, 'external_id', i.external_id, 'tool_slug', i.tool_slug,
        'objective_id', i.objective_id::text
      ])
    end order by i.created_at)
  into new_ids, new_tenants, new_lanes, new_moments, new_keys, payloads
  from inserted as i;

  -- A new statement sees what others committed while the insert waited for a key. A dead letter keeps its external_id
  -- and its id, so neither may be used again.
  if exists (
    select from public.outbox_dlq as d where d.tenant_id = any (distinct_tenants)
  ) and (
    exists (
      select from unnest(tenants, external_ids) as a (tenant_id, external_id)
      join public.outbox_dlq as d on d.tenant_id = a.tenant_id and d.external_id = a.external_id
    ) or exists (
      select from unnest(new_tenants, new_ids) as f (tenant_id, id)
      join public.outbox_dlq as d on d.tenant_id = f.tenant_id and d.id = f.id
    )
  ) then
    with undone as (
      delete from public.outbox as o
      using unnest(tenants, external_ids) as a (tenant_id, external_id), public.outbox_dlq as d
      where d.tenant_id = a.tenant_id and d.external_id = a.external_id
        and o.tenant_id = d.tenant_id and o.external_id = d.external_id
      returning o.tenant_id, o.id
    )
    select array_agg(u.tenant_id), array_agg(u.id) into undone_tenants, undone_ids from undone as u;
    if undone_ids is not null then
      select
        array_agg(f.id), array_agg(f.tenant_id), array_agg(f.lane), array_agg(f.moment), array_agg(f.key),
        array_agg(f.payload)
      into new_ids, new_tenants, new_lanes, new_moments, new_keys, payloads
      from unnest(new_ids, new_tenants, new_lanes, new_moments, new_keys, payloads)
        as f (id, tenant_id, lane, moment, key, payload)
      where (f.tenant_id, f.id) not in (select u.* from unnest(undone_tenants, undone_ids) as u (tenant_id, id));
    end if;

    select d.id into problem
    from unnest(new_tenants, new_ids) as f (tenant_id, id)
    join public.outbox_dlq as d on d.tenant_id = f.tenant_id and d.id = f.id
    limit 1;
    if found then
      raise exception 'id: % belongs to a dead letter; use a new one', problem using errcode = 'PT409';
    end if;
  end if;

  if new_ids is not null then
    audit := app_private.proposed_rows(new_tenants, payloads);
    if commits_at_once then
      perform app_private.do_now(
        coalesce(as_of, clock_timestamp()), new_tenants, new_lanes, new_moments, new_keys, audit.tenants,
        enqueue.actor_type, enqueue.actor_id, audit.categories, app_private.add_door(audit.payloads, enqueue.door),
        moment
      );
    else
      perform set_config('app.door', coalesce(enqueue.door, ''), true);
      perform app_private.do_at_commit(
        as_of,
        woken_tenants => new_tenants, woken_lanes => new_lanes, woken_moments => new_moments,
        woken_keys => new_keys,
        audited_tenants => audit.tenants, actor_type => enqueue.actor_type, actor_id => enqueue.actor_id,
        categories => audit.categories, payloads => audit.payloads, made_at => moment
      );
    end if;
    perform app_private.notify_workers();
  end if;

  if cardinality(new_ids) = cardinality(ids) then
    return (
      select json_agg(json_build_array(
        true, f.id, f.lane, f.next_run_at, first_created_at + (f.position - 1) * interval '1 microsecond'
      ) order by f.position)
      from unnest(new_ids, new_lanes, new_moments) with ordinality as f (id, lane, next_run_at, position)
    );
  end if;

  select a.external_id into problem
  from unnest(tenants, external_ids, tool_slugs, arguments, connected_account_ids)
    as a (tenant_id, external_id, tool_slug, arguments, connected_account_id)
  left join public.outbox as o on o.tenant_id = a.tenant_id and o.external_id = a.external_id
  left join public.outbox_dlq as d on d.tenant_id = a.tenant_id and d.external_id = a.external_id
  where (coalesce(o.tool_slug, d.tool_slug), coalesce(o.proposed_arguments, o.arguments, d.proposed_arguments, d.arguments),
         coalesce(o.connected_account_id, d.connected_account_id))
    is distinct from (a.tool_slug, a.arguments, a.connected_account_id)
  limit 1;
  if found then
    raise exception 'external_id: % was proposed before with another tool, arguments or account; use a new external_id',
      to_jsonb(problem) using errcode = 'PT409';
  end if;

  return (
    select json_agg(json_build_array(
      coalesce(coalesce(o.id, d.id) = a.id, false)   -- a repeated call gets the same answer
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
