-- Use this version of the prompt from now on, instead of the active one. An evaluation must have compared it with the
-- active version, over at least one case, and found it not worse; otherwise PT409 says what is missing. A version that
-- was active before can be activated again without a new evaluation. For owners and operators. Raises PT404 for an
-- unknown version. Returns the row.
-- call: repeatable, columns 1 deep
create or replace function drafts.activate_prompt(
  version text, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  chosen drafts.prompts;
  active_version text;
  evaluated drafts.evaluations;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform from drafts.prompts as p where p.tenant_id = caller.tenant_id order by p.id for no key update;
  select * into chosen from drafts.prompts as p
  where p.tenant_id = caller.tenant_id and p.version = activate_prompt.version;
  if not found then
    raise exception 'prompt: no version %', version using errcode = 'PT404';
  elsif chosen.status = 'active' then
    return to_jsonb(chosen);
  end if;
  select p.version into active_version from drafts.prompts as p
  where p.tenant_id = caller.tenant_id and p.status = 'active';
  active_version := coalesce(active_version, 'default');
  if chosen.status = 'candidate' then
    select * into evaluated from drafts.evaluations as e
    where e.tenant_id = caller.tenant_id and e.prompt_version = chosen.version
    order by e.created_at desc, e.id desc limit 1;
    if not found then
      raise exception 'prompt: version % has not been evaluated', chosen.version using errcode = 'PT409';
    elsif evaluated.baseline ->> 'prompt_version' <> active_version then
      raise exception 'prompt: version % was compared with %, but % is active; evaluate it again', chosen.version,
        evaluated.baseline ->> 'prompt_version', active_version using errcode = 'PT409';
    elsif evaluated.cases = 0 then
      raise exception 'prompt: the evaluation of version % had no cases; import goldens first', chosen.version
        using errcode = 'PT409';
    elsif evaluated.is_worse then
      raise exception 'prompt: version % is worse than %: % of % cases became worse, % better', chosen.version,
        active_version, evaluated.worse, evaluated.cases, evaluated.better using errcode = 'PT409';
    end if;
  end if;
  update drafts.prompts as p set status = 'retired' where p.tenant_id = caller.tenant_id and p.status = 'active';
  update drafts.prompts as p
  set status = 'active', activated_by = coalesce(caller.actor_id, 'unnamed'), activated_at = moment
  where p.tenant_id = chosen.tenant_id and p.id = chosen.id
  returning * into chosen;
  perform drafts.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'prompt.activated', jsonb_build_object(
    'version', chosen.version, 'instead_of', active_version, 'evaluation_id', evaluated.id
  ), moment);
  return to_jsonb(chosen);
end
$$;
revoke all on function drafts.activate_prompt from public;
grant execute on function drafts.activate_prompt to authenticated, service_role, app_rw;
