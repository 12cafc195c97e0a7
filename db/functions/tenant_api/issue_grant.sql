-- Issue a grant: allow some calls of the tenant in advance, without an approval of each: see worker_api.issue_grant.
-- For owners and reviewers.
-- call: not repeatable
create or replace function tenant_api.issue_grant(
  id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval
)
returns jsonb language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.issue_grant(
    tenant => app_private.acting_tenant('owner', 'reviewer'), id => issue_grant.id, tools => issue_grant.tools,
    account_id => issue_grant.account_id, arguments => issue_grant.arguments, reason => issue_grant.reason,
    lasts_for => issue_grant.lasts_for, actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
$$;
revoke all on function tenant_api.issue_grant from public;
grant execute on function tenant_api.issue_grant to authenticated;
