-- Start a dry-run of a cluster: for its `tickets` newest resolved tickets with a resolution (10 to 100), a job composes
-- what autopilot would have answered. Nothing is sent. Tickets that autopilot answered itself are left out. For owners
-- and reviewers. Raises PT404, PT403, PT400, and PT409 if no active article is linked to the cluster, if it has fewer
-- than 10 such tickets, or if another dry-run of it is open; the error has the id of that dry-run. Returns the dry-run.
-- call: not repeatable
create or replace function autopilot.start_dry_run(
  cluster uuid, tenant uuid default null, tickets integer default 100, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  run_id constant uuid := gen_random_uuid();
  caller record;
  locked autopilot.clusters;
  open_run uuid;
  chosen uuid[];
  started autopilot.dry_runs;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if coalesce(tickets, 0) not between 10 and 100 then
    raise exception 'tickets: must be from 10 to 100' using errcode = 'PT400';
  end if;
  locked := autopilot.lock_cluster(caller.tenant_id, cluster);
  select d.id into open_run from autopilot.dry_runs as d
  where d.organization_id = caller.tenant_id and d.lineage_id = locked.lineage_id and d.status in ('pending', 'running');
  if found then
    raise exception 'cluster: dry-run % has not ended yet', open_run using errcode = 'PT409';
  elsif not exists (
    select from autopilot.article_clusters as k
    join autopilot.knowledge_articles as a on a.organization_id = k.organization_id and a.id = k.article_id
    where k.organization_id = caller.tenant_id and k.cluster_id = locked.id and a.status = 'active'
  ) then
    raise exception 'cluster: no knowledge was found for it' using errcode = 'PT409';
  end if;
  chosen := array(
    select t.id from autopilot.tickets as t
    where t.organization_id = caller.tenant_id and t.cluster_id = locked.id and t.resolved_at is not null
      and t.resolution is not null and coalesce(t.response_state, '') not in ('sent', 'queued', 'unknown')
    order by t.resolved_at desc, t.id desc limit start_dry_run.tickets
  );
  if cardinality(chosen) < 10 then
    raise exception 'cluster: % of its tickets were resolved by people with a resolution; a dry-run needs 10',
      cardinality(chosen) using errcode = 'PT409';
  end if;
  insert into autopilot.dry_runs as d (
    organization_id, id, cluster_id, lineage_id, basis, started_by, cases, created_at
  )
  values (
    caller.tenant_id, run_id, locked.id, locked.lineage_id, autopilot.basis_of(caller.tenant_id, locked.id),
    coalesce(caller.actor_id, 'unnamed'), cardinality(chosen), moment
  )
  returning d.* into started;
  insert into autopilot.dry_run_cases (organization_id, dry_run_id, place, ticket_id)
  select caller.tenant_id, run_id, c.place, c.id from unnest(chosen) with ordinality as c (id, place);
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'dry_run.started', jsonb_build_object(
      'dry_run_id', run_id, 'cluster_id', locked.id, 'cases', started.cases
    ), moment
  );
  return to_jsonb(started);
end
$$;
revoke all on function autopilot.start_dry_run from public;
grant execute on function autopilot.start_dry_run to authenticated, service_role, app_rw;
