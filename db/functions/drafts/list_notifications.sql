-- A page of notifications, the newest first: those for everybody and, with `for_subject`, those for the user whose JWT
-- has this subject. With `unread_only`, only unread ones. `before` and `before_id` are the `created_at` and id of the
-- last notification of the page before.
-- call: replica
create or replace function drafts.list_notifications(
  tenant uuid default null, max_notifications integer default 50, for_subject text default null,
  unread_only boolean default false, before timestamptz default null, before_id uuid default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_bitmapscan = off as $$
  select coalesce(jsonb_agg(to_jsonb(n) order by n.created_at desc, n.id desc), '[]')
  from (
    select o.* from drafts.notifications as o
    where o.tenant_id = drafts.tenant_of(list_notifications.tenant)
      and (o.created_at, o.id) < (
        select coalesce(list_notifications.before, 'infinity'),
          coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
      )
      and (not unread_only or o.read_at is null)
      and (o.user_id is null or o.user_id in (
        select u.id from drafts.users as u
        where u.tenant_id = drafts.tenant_of(list_notifications.tenant) and u.auth_subject = for_subject
      ))
    order by o.created_at desc, o.id desc limit max_notifications
  ) as n
$$;
revoke all on function drafts.list_notifications from public;
grant execute on function drafts.list_notifications to authenticated, service_role, app_rw, app_ro;
