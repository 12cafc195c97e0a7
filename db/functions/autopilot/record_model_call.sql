-- Record one call of a language model with its tokens and cost. `purpose` is `article` or `cluster_names`; `failure` says
-- why the answer was not used. For owners and reviewers. Raises PT403, and PT400 for a cost that is not from 0 to 999999.
-- call: not repeatable
create or replace function autopilot.record_model_call(
  purpose text, model_key text, input_tokens integer, output_tokens integer, cost_usd numeric,
  failure text default null, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  perform app_private.check_texts('model_key', record_model_call.model_key, 'failure', record_model_call.failure);
  if record_model_call.cost_usd not between 0 and 999999 then   -- also NaN, which is above all numbers
    raise exception 'cost_usd: must be from 0 to 999999' using errcode = 'PT400';
  end if;
  insert into autopilot.model_calls (
    organization_id, purpose, model_key, input_tokens, output_tokens, cost_usd, failure, created_at
  )
  values (
    caller.tenant_id, record_model_call.purpose, record_model_call.model_key, record_model_call.input_tokens,
    record_model_call.output_tokens, record_model_call.cost_usd, record_model_call.failure, moment
  );
end
$$;
revoke all on function autopilot.record_model_call from public;
grant execute on function autopilot.record_model_call to authenticated, service_role, app_rw;
