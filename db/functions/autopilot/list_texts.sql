-- A page of the texts of tickets, those that were opened last first: of all tickets, of one `cluster`, or of those of
-- `tickets` (ids). The page begins after the ticket that `before_at` and `before_id` name. It has at most 500 tickets
-- and about 4 MB of text, but at least one ticket; long descriptions are cut. For owners. Raises PT404, PT403. Returns
-- a list of {id, subject, description, content_hash, cluster_id, at}; `at` is when the ticket was opened.
-- call: repeatable
create or replace function autopilot.list_texts(
  tenant uuid default null, cluster uuid default null, tickets uuid[] default null,
  before_at timestamptz default null, before_id uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan
set enable_seqscan = off set enable_bitmapscan = off as $$
declare
  caller record;
  answer jsonb;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  select coalesce(jsonb_agg(
    jsonb_build_object(
      'id', b.id, 'subject', b.subject, 'description', left(coalesce(b.description, ''), 160000),
      'content_hash', b.content_hash, 'cluster_id', b.cluster_id, 'at', b.at
    )
    order by b.at desc, b.id desc
  ), '[]') into answer
  from (
    select
      p.*, sum(octet_length(p.subject) + coalesce(octet_length(p.description), 0)) over (order by p.at desc, p.id desc)
        - octet_length(p.subject) - coalesce(octet_length(p.description), 0) as bytes_before
    from (
      (
        select t.id, t.subject, t.description, t.content_hash, t.cluster_id, case when t.source_created_at is null then t.created_at else t.source_created_at end as at
        from autopilot.tickets as t
        where list_texts.tickets is null and t.organization_id = caller.tenant_id
          and (list_texts.cluster is null or t.cluster_id = list_texts.cluster)
          and (case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id) < (
            coalesce(before_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
          )
        order by case when t.source_created_at is null then t.created_at else t.source_created_at end desc, t.id desc
        limit 500
      )
      union all
      (
        select t.id, t.subject, t.description, t.content_hash, t.cluster_id, t.at
        from (select distinct g.id from unnest(list_texts.tickets) as g (id)) as g
        cross join lateral (   -- the primary key is the only index with this order
          select t.*, case when t.source_created_at is null then t.created_at else t.source_created_at end as at
          from autopilot.tickets as t
          where t.organization_id = caller.tenant_id and t.id >= g.id
          order by t.organization_id, t.id limit 1
        ) as t
        where t.id = g.id and (t.at, t.id) < (
          coalesce(before_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
        order by t.at desc, t.id desc
        limit 500
      )
    ) as p
  ) as b
  where b.bytes_before < 4000000;
  return answer;
end
$$;
revoke all on function autopilot.list_texts from public;
grant execute on function autopilot.list_texts to authenticated, service_role, app_rw;
