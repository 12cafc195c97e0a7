-- Set who approves the drafts of a topic. `off` and `shadow`: a person; in shadow mode, what the application would have
-- decided is recorded. `automatic`: the application. Returns {topic, mode, decided, unedited}. For owners and
-- operators. A topic may become automatic from shadow mode, after 50 decisions of people about drafts that the
-- application would have approved, if at least 95 % of these drafts were sent unedited. Otherwise PT409 is raised; its
-- message says what is missing.
-- call: repeatable
create or replace function drafts.set_topic_rule(
  topic text, mode text, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  mode_before text;
  achieved record;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  if coalesce(octet_length(set_topic_rule.topic), 0) not between 1 and 255 then
    raise exception 'topic: must have 1 to 255 bytes' using errcode = 'PT400';
  elsif coalesce(set_topic_rule.mode, '') not in ('off', 'shadow', 'automatic') then
    raise exception 'mode: must be off, shadow or automatic' using errcode = 'PT400';
  end if;
  insert into drafts.topic_rules as r (tenant_id, topic, mode, changed_by, changed_at)
  values (caller.tenant_id, set_topic_rule.topic, 'off', coalesce(caller.actor_id, 'unnamed'), moment)
  on conflict on constraint topic_rules_pkey do nothing;
  select r.mode into mode_before from drafts.topic_rules as r
  where r.tenant_id = caller.tenant_id and r.topic = set_topic_rule.topic for no key update;
  select * into achieved from drafts.topic_record(caller.tenant_id, set_topic_rule.topic);
  if set_topic_rule.mode = 'automatic' and mode_before <> 'automatic' then
    if mode_before = 'off' then
      raise exception 'mode: topic % must be in shadow mode first', set_topic_rule.topic using errcode = 'PT409';
    elsif achieved.decided < 50 or achieved.unedited < 0.95 * achieved.decided then
      raise exception 'mode: % of the last % decided drafts of topic % were sent unedited; needed are 95 %% of 50',
        achieved.unedited, achieved.decided, set_topic_rule.topic using errcode = 'PT409';
    end if;
  end if;
  if set_topic_rule.mode <> mode_before then
    update drafts.topic_rules as r
    set mode = set_topic_rule.mode, changed_by = coalesce(caller.actor_id, 'unnamed'), changed_at = moment
    where r.tenant_id = caller.tenant_id and r.topic = set_topic_rule.topic;
    perform drafts.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'topic.changed', jsonb_build_object(
      'topic', set_topic_rule.topic, 'mode', set_topic_rule.mode, 'before', mode_before,
      'decided', achieved.decided, 'unedited', achieved.unedited
    ), moment);
  end if;
  return jsonb_build_object(
    'topic', set_topic_rule.topic, 'mode', set_topic_rule.mode, 'decided', achieved.decided,
    'unedited', achieved.unedited
  );
end
$$;
revoke all on function drafts.set_topic_rule from public;
grant execute on function drafts.set_topic_rule to authenticated, service_role, app_rw;
