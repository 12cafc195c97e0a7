-- Record a person's decision, accepted or rejected, about the new or changed version of a tool. `schema_hash` is the
-- definition that the person saw. Returns {version, envelopes}: how many envelopes waited for the decision.
-- - Accepted: the version is active. Open envelopes of the tool are pinned to it and judged again.
-- - Rejected: the tool stays blocked. The envelopes that waited are rejected.
-- - If no version waits for a decision, the active tool can be rejected, with a reason. Its envelopes are denied.
-- Raises PT404 if there is nothing to decide, PT409 if the tool has another definition now or was rejected already, and
-- PT400 without a reason where one is needed.
-- call: not repeatable
create or replace function worker_api.decide_tool(
  tenant uuid, tool_slug text, decision text, schema_hash text, actor_id text, reason text default null,
  as_of timestamptz default null,
  actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  is_accepted constant boolean := decide_tool.decision = 'accepted';
  candidate public.tool_catalog;
  was_accepted boolean := false;   -- whether the decision is about a tool that was accepted before
  released integer;
begin
  perform app_private.check_texts(
    'tool_slug', decide_tool.tool_slug, 'decision', decide_tool.decision, 'schema_hash', decide_tool.schema_hash,
    'reason', decide_tool.reason, 'actor_type', decide_tool.actor_type, 'actor_id', decide_tool.actor_id,
    'door', decide_tool.door
  );
  if decide_tool.decision is null or decide_tool.decision not in ('accepted', 'rejected') then
    raise exception 'decision: must be "accepted" or "rejected", not %', to_jsonb(decide_tool.decision) using errcode = 'PT400';
  end if;
  perform from app_private.lanes as l where l.tenant_id = decide_tool.tenant order by l.lane for update;
  select * into candidate from public.tool_catalog as c
  where c.tenant_id = decide_tool.tenant and c.tool_slug = decide_tool.tool_slug and c.status in ('quarantined', 'rejected')
  order by c.id desc limit 1 for update;
  if candidate.id is null and not is_accepted then
    select * into candidate from public.tool_catalog as c
    where c.tenant_id = decide_tool.tenant and c.tool_slug = decide_tool.tool_slug and c.status in ('active', 'removed')
    order by c.id desc limit 1 for update;
    was_accepted := candidate.id is not null;
  end if;
  if candidate.id is null then
    raise exception 'tool_slug: % of this tenant has no pending decision', to_jsonb(decide_tool.tool_slug)
      using errcode = 'PT404';
  elsif candidate.schema_hash is distinct from decide_tool.schema_hash then
    raise exception 'schema_hash: the tool has changed since you looked; list the changed tools again'
      using errcode = 'PT409';
  elsif candidate.status = 'rejected' and not is_accepted then
    raise exception 'tool_slug: % was already rejected', decide_tool.tool_slug using errcode = 'PT409';
  elsif was_accepted and coalesce(decide_tool.reason, '') = '' then
    raise exception 'reason: is needed to reject a tool that was accepted' using errcode = 'PT400';
  end if;

  perform app_private.act_as(actor_type, actor_id, as_of, door);
  update public.tool_catalog as c
  set status = case when is_accepted then 'retired' else 'blocked' end, updated_at = moment
  where c.tenant_id = decide_tool.tenant and c.tool_slug = decide_tool.tool_slug and c.status in ('drifted', 'blocked');
  update public.tool_catalog as c
  set status = case when is_accepted then 'active' else 'rejected' end,
      drift = case when was_accepted then '{}' else c.drift end, updated_at = moment
  where c.tenant_id = candidate.tenant_id and c.id = candidate.id;
  if was_accepted then   -- no older version may be called instead
    update public.tool_catalog as c set status = 'retired', updated_at = moment
    where c.tenant_id = decide_tool.tenant and c.tool_slug = decide_tool.tool_slug and c.status in ('active', 'removed');
  end if;

  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[decide_tool.tenant], actor_type => decide_tool.actor_type, actor_id => decide_tool.actor_id,
    categories => array['tool_catalog.' || decide_tool.decision],
    payloads => array[jsonb_strip_nulls(jsonb_build_object(
      'tool_slug', candidate.tool_slug, 'version', candidate.version, 'schema_hash', candidate.schema_hash,
      'reason', decide_tool.reason
    ))],
    made_at => moment
  );
  released := app_private.decide_tool_approvals(
    tenant, candidate.tool_slug, case when is_accepted or was_accepted then candidate.version end,
    case when is_accepted then 'approved' else 'rejected' end, actor_type, actor_id,
    format('the tool was %s', decide_tool.decision), moment
  );
  if was_accepted then
    perform app_private.release_held(tenant, array['tool'], moment);
  end if;
  return jsonb_build_object('version', candidate.version, 'envelopes', released);
end
$$;
revoke all on function worker_api.decide_tool from public;
grant execute on function worker_api.decide_tool to service_role, app_rw;
