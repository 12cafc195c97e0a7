-- Record what the application decided about a draft, or in shadow mode would have decided, with the reason.
-- `is_sample`: the application would approve the draft, but leaves the decision to a person, so that people's decisions
-- about the topic can still be counted. Returns {mode, approve}; `approve` says whether the application is to approve
-- the draft now. For operators. Raises PT404 for an unknown draft. If fewer than 95 % of the last 50 drafts of an
-- automatic topic that people decided were sent unedited, the topic goes back to shadow mode, and everybody of the
-- tenant is notified.
-- call: not repeatable
create or replace function drafts.record_automatic_decision(
  draft uuid, would_approve boolean, is_sample boolean, reason text,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  draft_row drafts.drafts;
  rule drafts.topic_rules;
  achieved record;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform app_private.check_texts('reason', record_automatic_decision.reason);
  select * into draft_row from drafts.drafts as d where d.tenant_id = caller.tenant_id and d.id = draft;
  select * into rule from drafts.topic_rules as r
  where r.tenant_id = caller.tenant_id and r.topic = draft_row.topic for no key update;
  if draft_row.id is null then
    raise exception 'draft: no draft %', draft using errcode = 'PT404';
  elsif rule.mode is null or rule.mode = 'off' then
    return jsonb_build_object('mode', 'off', 'approve', false);
  end if;
  if rule.mode = 'automatic' then
    select * into achieved from drafts.topic_record(caller.tenant_id, rule.topic);
    if achieved.unedited < 0.95 * achieved.decided then
      update drafts.topic_rules as r
      set mode = 'shadow', changed_by = coalesce(caller.actor_id, 'unnamed'), changed_at = moment, demoted_at = moment
      where r.tenant_id = rule.tenant_id and r.topic = rule.topic
      returning * into rule;
      perform drafts.notify(caller.tenant_id, null, 'topic.demoted', jsonb_build_object(
        'topic', rule.topic, 'decided', achieved.decided, 'unedited', achieved.unedited
      ), moment);
      perform drafts.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'topic.demoted',
        jsonb_build_object(
        'topic', rule.topic, 'mode', 'shadow', 'decided', achieved.decided, 'unedited', achieved.unedited
      ), moment);
    end if;
  end if;
  insert into drafts.automatic_decisions (tenant_id, draft_id, topic, mode, would_approve, reason, created_at)
  values (
    caller.tenant_id, draft_row.id, rule.topic, rule.mode, record_automatic_decision.would_approve,
    record_automatic_decision.reason, moment
  )
  on conflict (tenant_id, draft_id) do nothing;
  if not found then
    return jsonb_build_object('mode', rule.mode, 'approve', false);
  end if;
  perform drafts.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'draft.judged', jsonb_build_object(
    'draft_id', draft_row.id, 'topic', rule.topic, 'mode', rule.mode,
    'would_approve', record_automatic_decision.would_approve, 'reason', record_automatic_decision.reason
  ), moment);
  return jsonb_build_object(
    'mode', rule.mode,
    'approve', rule.mode = 'automatic' and record_automatic_decision.would_approve
      and not record_automatic_decision.is_sample
  );
end
$$;
revoke all on function drafts.record_automatic_decision from public;
grant execute on function drafts.record_automatic_decision to service_role, app_rw;
