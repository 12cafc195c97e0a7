-- The newest envelopes of the outbox, of one tenant or of all (null). `status`, `tool_slug`, `proposed_by`
-- (`agent:bot`), `objective`, `since` and `until` are conditions; null is no condition. `words` is searched for in two
-- steps. First, envelopes and dead letters with exactly this external_id, or with the id `words_id` (`words` as a
-- UUID), are returned; the other conditions are ignored. If there are none, envelopes with `words` in the tool_slug are
-- returned that also meet the other conditions.
-- Returns {envelopes, searched_to}. One call reads at most 5000 envelopes. If there may be more matches, `searched_to`
-- is [created_at, id]: pass both as `before_created_at` and `before_id` in the next call.
-- call: replica, columns 3 deep
create or replace function worker_api.search_envelopes(
  tenant uuid, max_envelopes integer, before_created_at timestamptz default null, before_id uuid default null,
  status text default null, tool_slug text default null, proposed_by text default null, objective uuid default null,
  since timestamptz default null, until timestamptz default null, words text default null,
  words_id uuid default null
)
returns jsonb language plpgsql stable security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  most_read constant integer := 5000;
  first_tenant constant uuid := coalesce(tenant, '00000000-0000-0000-0000-000000000000');
  last_tenant constant uuid := coalesce(tenant, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  oldest constant timestamptz := coalesce(since, '-infinity');
  end_at timestamptz := least(before_created_at, until, 'infinity');
  end_id uuid := case
    when before_created_at <= coalesce(until, 'infinity') then before_id
    when until is null then 'ffffffff-ffff-ffff-ffff-ffffffffffff'
    else '00000000-0000-0000-0000-000000000000'
  end;
  is_sparse boolean := false;   -- whether few envelopes have this open status: then open_envelopes names all of them
  tenant_count bigint;
  chunk integer := 50;          -- how many rows the next turn of the loop reads
  keys_read integer := 0;
  key_tenants uuid[];
  key_ids uuid[];
  key_moments timestamptz[];
  key_fits boolean[];   -- null if the row itself has to be read to know
  is_cut boolean := true;   -- whether there may be more rows, older than those that were read
  page jsonb;
  found_envelopes jsonb := '[]';
begin
  if words is not null and before_created_at is null then
    select jsonb_agg(e.envelope) into page
    from (
      select to_jsonb(o) || jsonb_build_object('verdicts', worker_api.verdicts_of(o)) as envelope
      from public.tenants as t
      cross join lateral (
        select l.* from public.outbox as l where l.tenant_id = t.id and l.external_id = words
        union
        select l.* from public.outbox as l
        where l.tenant_id = t.id
          and l.id = words_id
      ) as o
      where t.id between first_tenant and last_tenant
      union all
      select to_jsonb(d)
      from public.tenants as t
      cross join lateral (
        select l.* from public.outbox_dlq as l where l.tenant_id = t.id and l.external_id = words
        union
        select l.* from public.outbox_dlq as l
        where l.tenant_id = t.id
          and l.id = words_id
      ) as d
      where t.id between first_tenant and last_tenant
      limit max_envelopes
    ) as e;
    if page is not null then
      return jsonb_build_object('envelopes', page, 'searched_to', null);
    end if;
  end if;

  if tenant is null then
    select count(*) into tenant_count from public.tenants;
  end if;
  if status in ('pending', 'awaiting_approval', 'unknown') then
    is_sparse := (
      select count(*) < most_read
      from (
        select from app_private.open_envelopes as e
        where e.tenant_id between first_tenant and last_tenant and e.status = search_envelopes.status
        limit most_read
      ) as e
    );
  end if;

  while is_cut and keys_read < most_read and jsonb_array_length(found_envelopes) < max_envelopes loop
    chunk := least(chunk * 2, most_read - keys_read);
    if is_sparse then
      select array_agg(k.tenant_id), array_agg(k.id), array_agg(k.created_at)
      into key_tenants, key_ids, key_moments
      from (
        select e.tenant_id, e.id, e.created_at from app_private.open_envelopes as e
        where e.tenant_id between first_tenant and last_tenant and e.status = search_envelopes.status
          and (e.created_at, e.id) < (end_at, end_id) and e.created_at >= oldest
        order by e.created_at desc, e.id desc
        limit chunk
      ) as k;
      is_cut := cardinality(key_ids) = chunk;
    elsif tenant is not null and objective is not null then
      select array_agg(k.tenant_id), array_agg(k.id), array_agg(k.created_at)
      into key_tenants, key_ids, key_moments
      from (
        select o.tenant_id, o.id, o.created_at from public.outbox as o
        where o.tenant_id = tenant and o.objective_id = objective
          and (o.created_at, o.id) < (end_at, end_id) and o.created_at >= oldest
        order by o.created_at desc, o.id desc
        limit chunk
      ) as k;
      is_cut := cardinality(key_ids) = chunk;
    elsif tenant is not null then
      -- Read the rows themselves, which costs less here than looking up each row by its key.
      select array_agg(k.tenant_id), array_agg(k.id), array_agg(k.created_at), array_agg(k.fits)
      into key_tenants, key_ids, key_moments, key_fits
      from (
        select
          o.tenant_id, o.id, o.created_at,
          (search_envelopes.status is null or o.status = search_envelopes.status)
            and (search_envelopes.tool_slug is null or o.tool_slug = search_envelopes.tool_slug)
            and (search_envelopes.proposed_by is null or o.proposed_by = search_envelopes.proposed_by) as fits
        from public.outbox as o
        where o.tenant_id = tenant and (o.created_at, o.id) < (end_at, end_id) and o.created_at >= oldest
        order by o.created_at desc, o.id desc
        limit chunk
      ) as k;
      is_cut := cardinality(key_ids) = chunk;
    else
      -- Each tenant contributes the same number of rows. If a tenant has more, rows older than its last one are left to
      -- the next call.
      with scanned as (
        select o.*
        from public.tenants as t
        cross join lateral (
          select o.tenant_id, o.id, o.created_at, row_number() over (order by o.created_at desc, o.id desc) as nth
          from public.outbox as o
          where o.tenant_id = t.id and (o.created_at, o.id) < (end_at, end_id) and o.created_at >= oldest
          order by o.created_at desc, o.id desc
          limit greatest(chunk / greatest(tenant_count, 1), 10)
        ) as o
      ), bound as (
        select s.created_at, s.id from scanned as s
        where s.nth = greatest(chunk / greatest(tenant_count, 1), 10)
        order by s.created_at desc, s.id desc
        limit 1
      )
      select
        array_agg(k.tenant_id), array_agg(k.id), array_agg(k.created_at), bool_or(k.is_cut)
      into key_tenants, key_ids, key_moments, is_cut
      from (
        select s.*, b.id is not null as is_cut
        from scanned as s
        left join bound as b on true
        where b.id is null or (s.created_at, s.id) >= (b.created_at, b.id)
        order by s.created_at desc, s.id desc
      ) as k;
    end if;
    exit when key_ids is null;

    keys_read := keys_read + cardinality(key_ids);
    end_at := key_moments[cardinality(key_ids)];
    end_id := key_ids[cardinality(key_ids)];
    select jsonb_agg(e.envelope order by e.nth) into page
    from (
      select k.nth, to_jsonb(o) || jsonb_build_object('verdicts', worker_api.verdicts_of(o)) as envelope
      from unnest(key_tenants, key_ids, key_fits) with ordinality as k (tenant_id, id, fits, nth)
      join public.outbox as o on o.tenant_id = k.tenant_id and o.id = k.id
      where k.fits is not false
        and (search_envelopes.status is null or o.status = search_envelopes.status)
        and (search_envelopes.tool_slug is null or o.tool_slug = search_envelopes.tool_slug)
        and (search_envelopes.proposed_by is null or o.proposed_by = search_envelopes.proposed_by)
        and (objective is null or o.objective_id = objective)
        and (words is null or strpos(lower(o.tool_slug), lower(words)) > 0)
      order by k.nth
      limit max_envelopes - jsonb_array_length(found_envelopes)
    ) as e;
    found_envelopes := found_envelopes || coalesce(page, '[]');
  end loop;
  return jsonb_build_object(
    'envelopes', found_envelopes,
    'searched_to', case
      when key_ids is not null and is_cut and jsonb_array_length(found_envelopes) < max_envelopes
        then jsonb_build_array(end_at, end_id)
    end
  );
end
$$;
revoke all on function worker_api.search_envelopes from public;
grant execute on function worker_api.search_envelopes to service_role, app_rw, app_ro;
