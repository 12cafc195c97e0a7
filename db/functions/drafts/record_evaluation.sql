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
  made drafts.evaluations := jsonb_populate_record(null::drafts.evaluations, result);
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  insert into drafts.evaluations as e (
    tenant_id, prompt_version, model_key, baseline, cases, passed, baseline_passed, worse, better, is_worse, report,
    created_by, created_at
  )
  values (
    caller.tenant_id, made.prompt_version, made.model_key, made.baseline, made.cases, made.passed,
    made.baseline_passed, made.worse, made.better, made.is_worse, coalesce(made.report, '{}'),
    coalesce(caller.actor_id, 'unnamed'), moment
  )
  returning * into made;
  perform drafts.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'prompt.evaluated', jsonb_build_object(
    'evaluation_id', made.id, 'version', made.prompt_version, 'model_key', made.model_key,
    'baseline', made.baseline, 'cases', made.cases, 'worse', made.worse, 'better', made.better,
    'is_worse', made.is_worse
  ), moment);
  return to_jsonb(made);
end
$$;
revoke all on function drafts.record_evaluation from public;
grant execute on function drafts.record_evaluation to service_role, app_rw;
