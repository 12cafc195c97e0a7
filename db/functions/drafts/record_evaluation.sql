-- Store the result of an evaluation, which compared a candidate with the active version. `result` is {prompt_version,
-- model_key, baseline, cases, passed, baseline_passed, worse, better, is_worse, report}. drafts.activate_prompt
-- requires such a result, so only operators may store one. Returns the row.
-- call: not repeatable, columns 1 deep
create or replace function drafts.record_evaluation(
  result jsonb, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  evaluation drafts.evaluations := jsonb_populate_record(null::drafts.evaluations, result);
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  insert into drafts.evaluations as e (
    tenant_id, prompt_version, model_key, baseline, cases, passed, baseline_passed, worse, better, is_worse, report,
    created_by, created_at
  )
  values (
    caller.tenant_id, evaluation.prompt_version, evaluation.model_key, evaluation.baseline, evaluation.cases,
    evaluation.passed, evaluation.baseline_passed, evaluation.worse, evaluation.better, evaluation.is_worse,
    coalesce(evaluation.report, '{}'),
    coalesce(caller.actor_id, 'unnamed'), moment
  )
  returning * into evaluation;
  perform drafts.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'prompt.evaluated', jsonb_build_object(
    'evaluation_id', evaluation.id, 'version', evaluation.prompt_version, 'model_key', evaluation.model_key,
    'baseline', evaluation.baseline, 'cases', evaluation.cases, 'worse', evaluation.worse, 'better', evaluation.better,
    'is_worse', evaluation.is_worse
  ), moment);
  return to_jsonb(evaluation);
end
$$;
revoke all on function drafts.record_evaluation from public;
grant execute on function drafts.record_evaluation to service_role, app_rw;
