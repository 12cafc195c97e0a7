-- Mark these notifications as read, if they are for everybody or for this user; others are skipped. Appends no audit
-- row, because nothing was decided. Returns {read}: how many were unread.
-- call: repeatable
create or replace function drafts.read_notifications(
  tenant uuid default null, ids uuid[] default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  marked integer;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  update drafts.notifications as n set read_at = moment
  where n.tenant_id = caller.tenant_id and n.id = any (ids) and n.read_at is null
    and (n.user_id is null or n.user_id in (
      select u.id from drafts.users as u
      where u.tenant_id = caller.tenant_id and u.auth_subject = coalesce(caller.actor_id, 'unnamed')
    ));
  get diagnostics marked = row_count;
  return jsonb_build_object('read', marked);
end
$$;
revoke all on function drafts.read_notifications from public;
grant execute on function drafts.read_notifications to authenticated, service_role, app_rw;
