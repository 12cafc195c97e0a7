-- Make a stored model the active one, in one transaction: tickets move to its clusters. What people decided about the
-- clusters of the previous model is carried over to their successors (see switch_model). For owners. Raises PT404,
-- PT403, and PT409 if the model is active already. Returns {model_id, previous_model_id}.
-- call: not repeatable
create or replace function autopilot.activate_model(
  model uuid, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  found_model autopilot.ml_models;
  before uuid;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform pg_advisory_xact_lock(hashtextextended(caller.tenant_id::text, 66));
  select * into found_model from autopilot.ml_models as m
  where m.organization_id = caller.tenant_id and m.id = activate_model.model for update;
  if not found then
    raise exception 'model: no model %', model using errcode = 'PT404';
  elsif found_model.active then
    raise exception 'model: it is active already' using errcode = 'PT409';
  end if;
  before := autopilot.switch_model(caller.tenant_id, found_model, moment);
  update autopilot.ml_models as m set previous_model_id = before
  where m.organization_id = caller.tenant_id and m.id = found_model.id;
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'model.activated',
    jsonb_build_object('model_id', found_model.id, 'previous_model_id', before), moment
  );
  return jsonb_build_object('model_id', found_model.id, 'previous_model_id', before);
end
$$;
revoke all on function autopilot.activate_model from public;
grant execute on function autopilot.activate_model to authenticated, service_role, app_rw;
