-- The newest envelopes of the outbox. `tenant`, `status`, `tool_slug` and `external_id` are conditions; null is no
-- condition. For the next page, `before_created_at` and `before_id` are those of the last envelope on the previous
-- page.
-- call: replica
create or replace function worker_api.list_envelopes(
  tenant uuid, status text, max_envelopes integer, before_created_at timestamptz default null,
  before_id uuid default null, tool_slug text default null, external_id text default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(newest.envelope), '[]')
  from (
    select to_jsonb(found.o) || jsonb_build_object('verdicts', worker_api.verdicts_of(found.o)) as envelope
    from (
      select of_tenant.o
      from (
        -- The newest envelopes of all tenants belong to the tenants whose newest envelope is among them.
        select first.tenant_id
        from public.tenants as t
        cross join lateral (
          select o.tenant_id, o.created_at, o.id
          from public.outbox as o
          where o.tenant_id = t.id
            and (list_envelopes.status is null or o.status = list_envelopes.status)
            and (list_envelopes.tool_slug is null or o.tool_slug = list_envelopes.tool_slug)
            -- A sub-query, so that the index scan starts at this row: under row-level security a condition with
            -- coalesce() cannot use an index.
            and (o.created_at, o.id) < (
              select
                coalesce(before_created_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
            )
          order by o.created_at desc, o.id desc
          limit 1
        ) as first
        where list_envelopes.external_id is null and (list_envelopes.tenant is null or t.id = list_envelopes.tenant)
        order by first.created_at desc, first.id desc
        limit max_envelopes
      ) as with_newest
      cross join lateral (
        select o
        from public.outbox as o
        where o.tenant_id = with_newest.tenant_id
          and (list_envelopes.status is null or o.status = list_envelopes.status)
          and (list_envelopes.tool_slug is null or o.tool_slug = list_envelopes.tool_slug)
          and (o.created_at, o.id) < (
            select coalesce(before_created_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
          )
        order by o.created_at desc, o.id desc
        limit max_envelopes
      ) as of_tenant
      union all
      select of_key.o
      from (
        select o
        from public.tenants as t
        join public.outbox as o on o.tenant_id = t.id and o.external_id = list_envelopes.external_id
        where list_envelopes.tenant is null or t.id = list_envelopes.tenant
        -- `offset 0`: there is at most one envelope per tenant, so it is looked up by its external_id and not by time
        offset 0
      ) as of_key
      where (list_envelopes.status is null or (of_key.o).status = list_envelopes.status)
        and (list_envelopes.tool_slug is null or (of_key.o).tool_slug = list_envelopes.tool_slug)
        and ((of_key.o).created_at, (of_key.o).id) < (
          select coalesce(before_created_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
    ) as found
    order by (found.o).created_at desc, (found.o).id desc
    limit max_envelopes
  ) as newest
$$;
revoke all on function worker_api.list_envelopes from public;
grant execute on function worker_api.list_envelopes to service_role, app_rw, app_ro, authenticated;
