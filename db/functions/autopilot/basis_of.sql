-- A hash of everything from which autopilot answers the tickets of a cluster: ids, titles, texts and addresses of its
-- active articles. A dry-run counts only while this hash is the same as at its start.
-- call: internal
create or replace function autopilot.basis_of(organization uuid, cluster uuid)
returns text
language sql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
  select md5(coalesce(string_agg(
    a.id || md5(a.title || E'\n' || coalesce(a.url, '') || E'\n' || coalesce(a.content, '')), ',' order by a.id
  ), ''))
  from autopilot.article_clusters as k
  join autopilot.knowledge_articles as a on a.organization_id = k.organization_id and a.id = k.article_id
  where k.organization_id = organization and k.cluster_id = basis_of.cluster and a.status = 'active'
$$;
revoke all on function autopilot.basis_of from public;
grant execute on function autopilot.basis_of to authenticated, service_role, app_rw, app_ro;
