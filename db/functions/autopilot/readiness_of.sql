-- What a cluster needs before it may answer by itself, and how far it is: {cluster_id, trusted, wrong, target, needed,
-- percent, kb_status, articles, dry_run, auto_respond, auto_respond_at, response_tool_slug, is_ready, missing}.
-- `target` is how many tickets people should trust, `needed` how many are enough, and `percent` how much of the target
-- is reached; `dry_run` is the newest one, with `is_current`: whether it was completed with the present articles.
-- `missing` has a line for each reason why the cluster is not ready.
-- call: internal
create or replace function autopilot.readiness_of(cluster autopilot.clusters)
returns jsonb
language plpgsql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  organization constant uuid := (readiness_of.cluster).organization_id;
  target constant integer := (readiness_of.cluster).validation_target;
  trusted constant integer := (readiness_of.cluster).validation_current;
  settings constant autopilot.settings := autopilot.settings_of((readiness_of.cluster).organization_id);
  needed constant integer := ceil(target * settings.trusted_percent / 100.0);
  present constant text := autopilot.basis_of((readiness_of.cluster).organization_id, (readiness_of.cluster).id);
  wrong integer;
  articles integer;
  newest autopilot.dry_runs;
  has_current boolean;
  missing text[] := '{}';
begin
  select count(*) into wrong from autopilot.tickets as t
  where t.organization_id = organization and t.cluster_id = (readiness_of.cluster).id and t.verdict = 'wrong'
    and t.verdict_lineage_id = (readiness_of.cluster).lineage_id;
  select count(*) into articles
  from autopilot.article_clusters as k
  join autopilot.knowledge_articles as a on a.organization_id = k.organization_id and a.id = k.article_id
  where k.organization_id = organization and k.cluster_id = (readiness_of.cluster).id and a.status = 'active';
  select d.* into newest from autopilot.dry_runs as d
  where d.organization_id = organization and d.lineage_id = (readiness_of.cluster).lineage_id
  order by d.created_at desc, d.id desc limit 1;
  has_current := exists (
    select from autopilot.dry_runs as d
    where d.organization_id = organization and d.lineage_id = (readiness_of.cluster).lineage_id
      and d.status = 'completed' and d.basis = present
  );
  if (readiness_of.cluster).kb_status <> 'FOUND' then
    missing := missing || 'no knowledge was found for it'::text;
  end if;
  if target is null or trusted < needed or trusted < (trusted + wrong) * settings.trusted_percent / 100.0 then
    missing := missing || format(
      'people trust %s of its tickets and find %s wrong; %s %% of %s must be trusted', trusted, wrong,
      settings.trusted_percent, coalesce(target::text, 'an unset target')
    );
  end if;
  if not has_current then
    missing := missing || 'no dry-run has ended with its present articles'::text;
  end if;
  return jsonb_build_object(
    'cluster_id', (readiness_of.cluster).id, 'trusted', trusted, 'wrong', wrong, 'target', target, 'needed', needed,
    'percent', floor(trusted * 100.0 / nullif(target, 0)), 'kb_status', (readiness_of.cluster).kb_status,
    'articles', articles, 'dry_run', case when newest.id is not null then to_jsonb(newest) || jsonb_build_object(
      'is_current', newest.status = 'completed' and newest.basis = present
    ) end,
    'auto_respond', (readiness_of.cluster).config @> '{"auto_respond": true}',
    'auto_respond_at', (readiness_of.cluster).auto_respond_at, 'response_tool_slug', settings.response_tool_slug,
    'is_ready', missing = '{}', 'missing', to_jsonb(missing)
  );
end
$$;
revoke all on function autopilot.readiness_of from public;
grant execute on function autopilot.readiness_of to authenticated, service_role, app_rw, app_ro;
