-- A page of a tenant's tickets, those that were opened last first: of one `cluster`, or with `unclassified` those in no
-- cluster, of one `status` (as the ticket system words it), of one `connection`, or with `search` in their subject; case
-- does not matter. `before_at` and `before_id` continue after `searched_to` of the page before. With a status,
-- connection or search, one call reads at most 3,000 tickets, so a page may have fewer than `max_tickets`, and there are
-- more while `searched_to` is not null. A `search` for a whole ticket number finds this ticket at once. For everybody of
-- the tenant. Raises PT404, PT403, PT400. Returns {tickets, searched_to: {at, id} or null}.
-- call: repeatable
create or replace function autopilot.list_tickets(
  tenant uuid default null, cluster uuid default null, unclassified boolean default false, status text default null,
  connection uuid default null, search text default null, before_at timestamptz default null,
  before_id uuid default null, max_tickets integer default 50, actor_type text default 'operator',
  actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_custom_plan
-- read in the order of an index, and plan for the limit that is given: a plan for any limit reads all tickets
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off as $$
declare
  caller record;
  wanted constant integer := least(max_tickets, 1000);
  has_filter constant boolean := status is not null or connection is not null or search is not null;
  part constant integer := case when has_filter then 3000 else wanted end;
  named uuid;
  answer jsonb;
begin
  caller := app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer', 'member', 'agent');
  perform app_private.check_texts('status', list_tickets.status, 'search', list_tickets.search);
  if cluster is not null and unclassified then
    raise exception 'unclassified: goes without cluster' using errcode = 'PT400';
  end if;
  if search is not null and before_at is null then
    select t.id into named from autopilot.tickets as t
    where t.organization_id = caller.tenant_id and t.external_id = list_tickets.search;
  end if;
  -- One branch for each index; the plan has only the one that is needed.
  with read as (
    (
      select
        t.id, coalesce(t.source_created_at, t.created_at) as at, t.external_status, t.data_source_connection_id,
        t.subject
      from autopilot.tickets as t
      where named is null and list_tickets.cluster is null and not list_tickets.unclassified
        and t.organization_id = caller.tenant_id
        and (case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id) < (
          coalesce(before_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end desc, t.id desc
      limit part
    )
    union all
    (
      select t.id, coalesce(t.source_created_at, t.created_at), t.external_status, t.data_source_connection_id, t.subject
      from autopilot.tickets as t
      where named is null and t.organization_id = caller.tenant_id and t.cluster_id = list_tickets.cluster
        and (case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id) < (
          coalesce(before_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end desc, t.id desc
      limit part
    )
    union all
    (
      select t.id, coalesce(t.source_created_at, t.created_at), t.external_status, t.data_source_connection_id, t.subject
      from autopilot.tickets as t
      where named is null and list_tickets.unclassified and t.organization_id = caller.tenant_id
        and t.cluster_id is null
        and (case when t.source_created_at is null then t.created_at else t.source_created_at end, t.id) < (
          coalesce(before_at, 'infinity'), coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by case when t.source_created_at is null then t.created_at else t.source_created_at end desc, t.id desc
      limit part
    )
  ), found as (
    select r.id, r.at, row_number() over () as place
    from read as r
    where (list_tickets.status is null or r.external_status = list_tickets.status)
      and (list_tickets.connection is null or r.data_source_connection_id = list_tickets.connection)
      and (list_tickets.search is null or strpos(lower(r.subject), lower(list_tickets.search)) > 0)
    limit wanted
  ), shown as (
    select f.id, f.place from found as f
    union all
    select named, 1 where named is not null
  )
  select jsonb_build_object(
    'tickets', (select coalesce(jsonb_agg(
      jsonb_build_object(
        'id', t.id, 'external_id', t.external_id, 'subject', left(t.subject, 300),
        'external_status', t.external_status, 'priority', t.priority, 'requester', t.requester,
        'assignee', t.assignee, 'connection_id', t.data_source_connection_id, 'cluster_id', t.cluster_id,
        'cluster_name', c.name, 'subcluster_name', c.subcluster_name, 'cluster_label', c.label, 'score', t.score,
        'opened_at', coalesce(t.source_created_at, t.created_at), 'resolved_at', t.resolved_at,
        'response_state', t.response_state, 'verdict', t.verdict,
        'is_pinned', exists (
          select from autopilot.ticket_pins as p where p.organization_id = t.organization_id and p.ticket_id = t.id
        )
      )
      order by s.place
    ), '[]')
    from shown as s
    join autopilot.tickets as t on t.organization_id = caller.tenant_id and t.id = s.id
    left join autopilot.clusters as c on c.organization_id = t.organization_id and c.id = t.cluster_id),
    'searched_to', case
      when (select count(*) from found) = wanted then (
        select jsonb_build_object('at', f.at, 'id', f.id) from found as f where f.place = (select max(place) from found)
      )
      when (select count(*) from read) = part then (
        select jsonb_build_object('at', r.at, 'id', r.id) from read as r order by r.at, r.id limit 1
      )
    end
  ) into answer;
  return answer;
end
$$;
revoke all on function autopilot.list_tickets from public;
grant execute on function autopilot.list_tickets to authenticated, service_role, app_rw;
