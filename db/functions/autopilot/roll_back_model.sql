-- Activate the model that was active before the present one. What people decided in the meantime is carried over (see
-- switch_model). For owners. Raises PT403, and PT409 if no model was active before. Returns {model_id,
-- previous_model_id}: the model that is active now, and the model that was active until now.
-- call: not repeatable
create or replace function autopilot.roll_back_model(
  tenant uuid default null, actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  target autopilot.ml_models;
  before uuid;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform pg_advisory_xact_lock(hashtextextended(caller.tenant_id::text, 66));
  select p.* into target
  from autopilot.ml_models as m
  join autopilot.ml_models as p on p.organization_id = m.organization_id and p.id = m.previous_model_id
  where m.organization_id = caller.tenant_id and m.active;
  if not found then
    raise exception 'model: no model was active before this one' using errcode = 'PT409';
  end if;
  before := autopilot.switch_model(caller.tenant_id, target, moment);
  perform autopilot.add_audit(
    caller.tenant_id, caller.actor_type, caller.actor_id, 'model.rolled_back',
    jsonb_build_object('model_id', target.id, 'previous_model_id', before), moment
  );
  return jsonb_build_object('model_id', target.id, 'previous_model_id', before);
end
$$;
revoke all on function autopilot.roll_back_model from public;
grant execute on function autopilot.roll_back_model to authenticated, service_role, app_rw;
