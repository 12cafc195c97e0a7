-- Show others that this user works on a draft, for `seconds`. With 0 seconds the lock ends. While the lock lasts, other
-- users can edit the draft or decide about it only with `take_over`. Returns {draft_id, locked_by, locked_until}.
-- Raises PT404, PT403 and PT409 as drafts.lock_for_change does.
-- call: repeatable
create or replace function drafts.lock_draft(
  tenant uuid default null, draft uuid default null, seconds integer default 120, take_over boolean default false,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  me drafts.users;
  draft_row drafts.drafts;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if seconds is null or seconds not between 0 and 3600 then
    raise exception 'seconds: must be from 0 to 3600' using errcode = 'PT400';
  end if;
  me := drafts.ensure_user(caller.tenant_id, caller.actor_type, caller.actor_id);
  perform drafts.lock_for_change(caller.tenant_id, draft, me, moment, take_over => lock_draft.take_over);
  update drafts.drafts as d
  set
    locked_by = case when seconds > 0 then me.id end,
    locked_until = case when seconds > 0 then moment + seconds * interval '1 second' end
  where d.tenant_id = caller.tenant_id and d.id = lock_draft.draft
  returning d.* into draft_row;
  return jsonb_build_object(
    'draft_id', draft_row.id, 'locked_by', draft_row.locked_by, 'locked_until', draft_row.locked_until
  );
end
$$;
revoke all on function drafts.lock_draft from public;
grant execute on function drafts.lock_draft to authenticated, service_role, app_rw;
