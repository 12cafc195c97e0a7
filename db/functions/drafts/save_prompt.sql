-- Store a new version of a tenant's instructions for models, as a candidate. If the version exists with the same
-- instructions, nothing changes; with others, PT409 is raised. Returns the row. For owners and operators.
-- call: repeatable, columns 1 deep
create or replace function drafts.save_prompt(
  version text, instructions text,
  tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  saved drafts.prompts;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  if save_prompt.version is null or save_prompt.version !~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' then
    raise exception 'version: must be 1 to 100 letters, digits, `.`, `-` or `_`, and begin with a letter or digit'
      using errcode = 'PT400';
  elsif save_prompt.version = 'default' then
    raise exception 'version: default is the name of the empty prompt' using errcode = 'PT400';
  elsif save_prompt.instructions is null then
    raise exception 'instructions: is required' using errcode = 'PT400';
  elsif octet_length(save_prompt.instructions) > 32768 then
    raise exception 'instructions: is % bytes; at most 32768 fit', octet_length(save_prompt.instructions)
      using errcode = 'PT400';
  end if;
  insert into drafts.prompts as p (tenant_id, version, instructions, created_by, created_at)
  values (
    caller.tenant_id, save_prompt.version, save_prompt.instructions, coalesce(caller.actor_id, 'unnamed'), moment
  )
  on conflict on constraint uq_prompts_version do nothing
  returning * into saved;
  if not found then
    select * into saved from drafts.prompts as p
    where p.tenant_id = caller.tenant_id and p.version = save_prompt.version;
    if saved.instructions <> save_prompt.instructions then
      raise exception 'version: % exists with other instructions', save_prompt.version using errcode = 'PT409';
    end if;
    return to_jsonb(saved);
  end if;
  perform drafts.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'prompt.saved', jsonb_build_object(
    'version', saved.version, 'sha256', encode(sha256(convert_to(saved.instructions, 'UTF8')), 'hex')
  ), moment);
  return to_jsonb(saved);
end
$$;
revoke all on function drafts.save_prompt from public;
grant execute on function drafts.save_prompt to authenticated, service_role, app_rw;
