-- Propose the publication of an article that was drafted for a cluster of the active model: the draft and its envelope,
-- in one transaction. `draft` has {title, content, ticket_count}. `envelope` has {id, tool_slug, tool_version,
-- arguments, risk, trust_context}; its tool is `article_tool_slug` of the settings, and its arguments are exactly the
-- title and the content. A cluster has one open draft at most. For owners and reviewers. Raises PT404, PT403, PT400,
-- PT409 for a cluster that an article answers or that has an open draft, and the errors of worker_api.enqueue. Returns
-- {draft_id, envelope_id}.
-- call: not repeatable
create or replace function autopilot.propose_article(
  cluster uuid, draft jsonb, envelope jsonb, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.clusters;
  tool_slug text;
  waiting autopilot.article_drafts;
  made autopilot.article_drafts;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if btrim(coalesce(draft ->> 'title', '')) = '' or octet_length(draft ->> 'title') > 2048 then
    raise exception 'draft.title: must have 1 to 2048 bytes' using errcode = 'PT400';
  elsif btrim(coalesce(draft ->> 'content', '')) = '' or octet_length(draft ->> 'content') > 60000 then
    raise exception 'draft.content: must have 1 to 60000 bytes' using errcode = 'PT400';
  elsif coalesce(draft ->> 'ticket_count', '') !~ '^[0-9]{1,6}$' then
    raise exception 'draft.ticket_count: must be a whole number' using errcode = 'PT400';
  elsif coalesce(envelope ->> 'id', '') !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then
    raise exception 'envelope.id: must be a UUID' using errcode = 'PT400';
  elsif envelope -> 'arguments' is distinct from draft - 'ticket_count' then
    raise exception 'envelope.arguments: must be the title and the content of the draft' using errcode = 'PT400';
  end if;
  locked := autopilot.lock_cluster(caller.tenant_id, cluster);
  tool_slug := (autopilot.settings_of(caller.tenant_id)).article_tool_slug;
  if tool_slug is null then
    raise exception 'article_tool_slug: is not set' using errcode = 'PT409';
  elsif envelope ->> 'tool_slug' is distinct from tool_slug then
    raise exception 'envelope.tool_slug: must be %, the tool of the settings', tool_slug using errcode = 'PT400';
  elsif locked.kb_status = 'FOUND' then
    raise exception 'cluster: an article answers it' using errcode = 'PT409';
  end if;
  select * into waiting from autopilot.article_drafts as d
  where d.organization_id = caller.tenant_id and d.lineage_id = locked.lineage_id and d.status in ('proposed', 'unknown')
  limit 1;
  if waiting.id is not null then
    raise exception 'cluster: it has a draft that is not decided: envelope %', waiting.envelope_id using errcode = 'PT409';
  end if;
  insert into autopilot.article_drafts as d (
    organization_id, cluster_id, lineage_id, title, content, ticket_count, envelope_id, drafted_by, created_at
  )
  values (
    caller.tenant_id, locked.id, locked.lineage_id, draft ->> 'title', draft ->> 'content',
    (draft ->> 'ticket_count')::integer, (envelope ->> 'id')::uuid, coalesce(caller.actor_id, 'unnamed'), moment
  )
  returning d.* into made;
  perform autopilot.follow_from_now(caller.tenant_id);
  perform worker_api.enqueue(
    ids => array[made.envelope_id], tenants => array[caller.tenant_id], tool_slugs => array[tool_slug],
    tool_versions => array[envelope ->> 'tool_version'], arguments => array[envelope -> 'arguments'],
    connected_account_ids => array[null::text], risks => array[coalesce(envelope ->> 'risk', 'low')],
    external_ids => array['autopilot:article:' || made.id],
    trust_contexts => array[coalesce(envelope -> 'trust_context', '{}')],
    metadata => array[jsonb_build_object(
      'ordering_key', 'autopilot:article:' || locked.lineage_id, 'cluster_id', locked.id, 'article_draft_id', made.id
    )],
    next_run_at => array[null::timestamptz], actor_type => caller.actor_type,
    actor_id => coalesce(caller.actor_id, 'unnamed'), as_of => propose_article.as_of, door => caller.door
  );
  perform autopilot.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'article.drafted', jsonb_build_object(
    'article_draft_id', made.id, 'cluster_id', locked.id, 'envelope_id', made.envelope_id, 'tickets', made.ticket_count
  ), moment);
  return jsonb_build_object('draft_id', made.id, 'envelope_id', made.envelope_id);
end
$$;
revoke all on function autopilot.propose_article from public;
grant execute on function autopilot.propose_article to authenticated, service_role, app_rw;
