-- Record what a search for knowledge found for a cluster: `matches` is a list of {article_id, score}, which replaces
-- the links that searches made. Links that people or workflows made stay. With a link to an active article the cluster
-- is FOUND; a PENDING cluster without one becomes a GAP. `version` is the version of the knowledge that was searched,
-- see autopilot.list_clusters_to_search. If links or status changed and the settings have a tool for it, the message
-- `enrichment_notification` is enqueued in the same transaction. For workers, owners and reviewers. Raises PT404, PT403,
-- PT400. Returns the cluster.
-- call: not repeatable
create or replace function autopilot.save_matches(
  cluster uuid, matches jsonb, tenant uuid default null, version bigint default null, actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.clusters;
  missing uuid;
  before text;
  added integer;
  removed integer;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if jsonb_typeof(matches) is distinct from 'array' or jsonb_array_length(matches) > 1000 then
    raise exception 'matches: must be a list of at most 1000' using errcode = 'PT400';
  end if;
  locked := autopilot.lock_cluster(caller.tenant_id, cluster);
  select m.article_id into missing from jsonb_to_recordset(matches) as m (article_id uuid)
  where not exists (
    select from autopilot.knowledge_articles as a
    where a.organization_id = caller.tenant_id and a.id = m.article_id
  )
  limit 1;
  if found then
    raise exception 'matches: no article %', missing using errcode = 'PT404';
  end if;
  before := locked.kb_status;
  insert into autopilot.article_clusters as k (organization_id, article_id, cluster_id, score, is_found, created_at)
  select caller.tenant_id, m.article_id, locked.id, max(m.score), true, moment
  from jsonb_to_recordset(matches) as m (article_id uuid, score double precision)
  group by m.article_id order by m.article_id
  on conflict (organization_id, article_id, cluster_id) do update set score = excluded.score
  where k.score is distinct from excluded.score;
  get diagnostics added = row_count;
  delete from autopilot.article_clusters as k
  where k.organization_id = caller.tenant_id and k.cluster_id = locked.id and k.is_found and not exists (
    select from jsonb_to_recordset(matches) as m (article_id uuid) where m.article_id = k.article_id
  );
  get diagnostics removed = row_count;
  if before = 'PENDING' then
    perform autopilot.refresh_kb_status(caller.tenant_id, array[locked.id], is_searched => true);
  end if;
  update autopilot.clusters as c set searched_version = save_matches.version
  where c.organization_id = caller.tenant_id and c.id = locked.id
    and c.searched_version is distinct from save_matches.version;
  select * into locked from autopilot.clusters as c where c.organization_id = caller.tenant_id and c.id = save_matches.cluster;
  if added + removed = 0 and locked.kb_status = before then
    return to_jsonb(locked);
  end if;
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'cluster.matched', jsonb_build_object(
      'cluster_id', locked.id, 'kb_status', locked.kb_status, 'articles', jsonb_array_length(matches)
    ), moment
  );
  perform autopilot.send_message(
    caller.tenant_id, (autopilot.settings_of(caller.tenant_id)).enrichment_tool_slug,
    'enrichment_notification:' || gen_random_uuid(), locked.id::text, jsonb_build_object(
      'type', 'enrichment_notification', 'tenant_id', caller.tenant_id, 'cluster_id', locked.id,
      'kb_status', locked.kb_status, 'articles_count', (
        select count(*) from autopilot.article_clusters as k
        join autopilot.knowledge_articles as a on a.organization_id = k.organization_id and a.id = k.article_id
        where k.organization_id = caller.tenant_id and k.cluster_id = locked.id and a.status = 'active'
      )
    ), caller.actor_type, caller.actor_id, save_matches.as_of
  );
  return to_jsonb(locked);
end
$$;
revoke all on function autopilot.save_matches from public;
grant execute on function autopilot.save_matches to authenticated, service_role, app_rw;
