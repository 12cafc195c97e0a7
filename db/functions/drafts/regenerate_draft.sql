-- Request a new draft in place of a pending one, with or without an `instruction` for the drafter. `version` is what
-- the reviewer has seen. An edited draft stays beside the new one. Returns {conversation_id, trigger_message_id}.
-- Raises PT404, PT403 and PT409 as drafts.lock_for_change does.
-- call: not repeatable
create or replace function drafts.regenerate_draft(
  tenant uuid default null, draft uuid default null, version integer default null, instruction text default null,
  take_over boolean default false, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  me drafts.users;
  locked record;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if version is null then
    raise exception 'version: is required' using errcode = 'PT400';
  end if;
  me := drafts.ensure_user(caller.tenant_id, caller.actor_type, caller.actor_id);
  select * into locked
  from drafts.lock_for_change(caller.tenant_id, draft, me, moment, version, take_over => regenerate_draft.take_over);
  return drafts.request_draft(
    tenant, (locked.thread).id, instruction, regenerate_draft.actor_type, regenerate_draft.actor_id,
    regenerate_draft.door, as_of
  );
end
$$;
revoke all on function drafts.regenerate_draft from public;
grant execute on function drafts.regenerate_draft to authenticated, service_role, app_rw;
