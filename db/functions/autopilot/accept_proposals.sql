-- Carry out proposals, all or none: the present clusters with these changes become the next model, which is active at
-- once (see switch_model). `model` is the active model for which the caller computed `clusters` and `scores`.
-- `clusters` has {lineage_id, centroid (base64), floor, cohesion, examples} of each cluster whose tickets change; the
-- lineage of a new cluster is the id of its proposal. `scores` is a list of {ticket_id, score}. If a merge is accepted,
-- the source cluster is gone, and the automatic response of the target cluster is off until a person switches it on
-- again. Other open proposals stay open. Of our own models, the ten newest and the active one are kept. For owners.
-- Raises PT404, PT403, PT400, and PT409 if another model is active by now, if a proposal was decided before (with who
-- and when), or if a proposal no longer fits (with what changed). Returns {model_id, previous_model_id, accepted};
-- `accepted` is how many proposals.
-- call: not repeatable
create or replace function autopilot.accept_proposals(
  proposals uuid[], model uuid, clusters jsonb, scores jsonb, tenant uuid default null,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  before autopilot.ml_models;
  after autopilot.ml_models;
  accepted integer;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform pg_advisory_xact_lock(hashtextextended(caller.tenant_id::text, 66));
  perform autopilot.lock_proposals(caller.tenant_id, proposals);
  select m.* into before from autopilot.ml_models as m where m.organization_id = caller.tenant_id and m.active;
  if before.id is distinct from accept_proposals.model then
    raise exception 'model: another one was activated meanwhile; decide again' using errcode = 'PT409';
  end if;
  perform autopilot.check_proposals(caller.tenant_id, proposals);

  insert into autopilot.ml_models (
    organization_id, external_model_id, model_name, training_start_date, training_end_date, metadata, previous_model_id,
    created_at, updated_at
  )
  values (
    caller.tenant_id, 'autopilot:' || gen_random_uuid(), before.model_name, before.training_start_date,
    before.training_end_date, jsonb_build_object('accepted_proposals', cardinality(proposals)), before.id, moment, moment
  )
  returning * into after;
  perform autopilot.add_next_clusters(before, after, proposals, clusters, moment);
  perform autopilot.add_next_members(before, after, proposals, scores, moment);
  perform autopilot.switch_model(caller.tenant_id, after, moment);

  with merged as (
    update autopilot.clusters as c set config = c.config || '{"auto_respond": false}'
    from autopilot.cluster_proposals as p
    where p.organization_id = caller.tenant_id and p.id = any (proposals) and p.kind = 'merge'
      and c.organization_id = caller.tenant_id and c.model_id = after.id
      and c.lineage_id = (p.content ->> 'target')::uuid and c.config ->> 'auto_respond' = 'true'
    returning c.id
  )
  select count(autopilot.send_message(
    caller.tenant_id, (autopilot.settings_of(caller.tenant_id)).cluster_tool_slug,
    'cluster_notification:' || gen_random_uuid(), m.id::text, jsonb_build_object(
      'type', 'cluster_notification', 'tenant_id', caller.tenant_id, 'cluster_id', m.id,
      'action', 'auto_respond_disabled'
    ), caller.actor_type, caller.actor_id, accept_proposals.as_of
  )) into accepted
  from merged as m;
  update autopilot.cluster_proposals as p
  set status = 'accepted', decided_by = coalesce(caller.actor_id, 'unnamed'), decided_at = moment
  where p.organization_id = caller.tenant_id and p.id = any (proposals);
  get diagnostics accepted = row_count;
  update autopilot.cluster_proposals as p set model_id = after.id
  where p.organization_id = caller.tenant_id and p.status in ('open', 'rejected');
  delete from autopilot.ml_models as m
  where m.organization_id = caller.tenant_id and m.external_model_id like 'autopilot:%' and not m.active
    and m.id not in (
      select k.id from autopilot.ml_models as k
      where k.organization_id = caller.tenant_id and k.external_model_id like 'autopilot:%'
      order by k.created_at desc, k.id
      limit 10
    );
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'cluster_proposals.accepted',
    jsonb_build_object('proposals', to_jsonb(proposals), 'model_id', after.id, 'previous_model_id', before.id), moment
  );
  return jsonb_build_object('model_id', after.id, 'previous_model_id', before.id, 'accepted', accepted);
end
$$;
revoke all on function autopilot.accept_proposals from public;
grant execute on function autopilot.accept_proposals to authenticated, service_role, app_rw;
