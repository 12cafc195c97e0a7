-- Record one call of a model with its tokens and cost, and add it to the month's sums. `failure` says why its answer
-- was not used. If the conversation was erased in the meantime, the call is recorded without it. For operators.
-- call: not repeatable
create or replace function drafts.record_model_call(
  conversation uuid, model_key text, prompt_version text, input_tokens integer, output_tokens integer,
  cost_usd numeric, failure text default null,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform app_private.check_texts(
    'model_key', record_model_call.model_key, 'prompt_version', record_model_call.prompt_version,
    'failure', record_model_call.failure
  );
  insert into drafts.model_calls (
    tenant_id, conversation_id, model_key, prompt_version, input_tokens, output_tokens, cost_usd, failure, created_at
  )
  values (
    caller.tenant_id,
    (select c.id from drafts.conversations as c where c.tenant_id = caller.tenant_id and c.id = conversation),
    record_model_call.model_key, record_model_call.prompt_version, record_model_call.input_tokens,
    record_model_call.output_tokens, record_model_call.cost_usd, record_model_call.failure, moment
  );
  insert into drafts.spending as s (tenant_id, month, calls, input_tokens, output_tokens, cost_usd)
  values (
    caller.tenant_id, date_trunc('month', moment at time zone 'UTC')::date, 1, record_model_call.input_tokens,
    record_model_call.output_tokens, record_model_call.cost_usd
  )
  on conflict (tenant_id, month) do update
  set calls = s.calls + 1, input_tokens = s.input_tokens + excluded.input_tokens,
      output_tokens = s.output_tokens + excluded.output_tokens, cost_usd = s.cost_usd + excluded.cost_usd;
end
$$;
revoke all on function drafts.record_model_call from public;
grant execute on function drafts.record_model_call to service_role, app_rw;
