-- Issue a grant: allow some calls of a tenant for `lasts_for` (at most seven days) without an approval of each. Allowed
-- are the calls of `tools` (a slug; * stands for any characters) that use the account `account_id` and meet all
-- conditions in the list `arguments` (see services/guardrails/grants.py). If `account_id` is null, only calls without
-- an account are allowed. Returns the row. Raises PT403 if the issuer is not a person.
-- Raises PT404 for an unknown tenant.
-- call: not repeatable
create or replace function worker_api.issue_grant(
  tenant uuid, id uuid, tools text, account_id uuid, arguments jsonb, reason text, lasts_for interval, actor_id text,
  as_of timestamptz default null, actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  issued public.grants;
begin
  perform app_private.check_texts(
    'tools', issue_grant.tools, 'reason', issue_grant.reason, 'actor_type', issue_grant.actor_type,
    'actor_id', issue_grant.actor_id, 'door', issue_grant.door
  );
  perform set_config('app.door', coalesce(issue_grant.door, ''), true);
  if issue_grant.actor_type is null or issue_grant.actor_type not in ('operator', 'user') then
    raise exception 'actor_type: only a person may issue a grant' using errcode = 'PT403';
  elsif issue_grant.tools is null or issue_grant.tools !~ '^[^\s*]\S{0,254}$' then
    raise exception 'tools: is not a tool; write a slug such as STRIPE__refund, or a pattern such as STRIPE__*'
      using errcode = 'PT400';
  elsif issue_grant.lasts_for is null or moment + issue_grant.lasts_for <= moment
    or moment + issue_grant.lasts_for > moment + interval '7 days' then
    raise exception 'lasts_for: must be more than 0 and at most 7 days' using errcode = 'PT400';
  end if;
  perform app_private.fits('arguments', issue_grant.arguments, 8192);
  if not coalesce(app_private.are_conditions(issue_grant.arguments), false) then
    raise exception 'arguments: is not a list of conditions; write one such as [{"argument": "amount", "below": 100}]'
      using errcode = 'PT400';
  elsif not exists (select from public.tenants as t where t.id = issue_grant.tenant) then
    raise exception 'tenant_id: no tenant %', issue_grant.tenant using errcode = 'PT404';
  elsif (
    select count(*) from public.grants as g
    where g.tenant_id = issue_grant.tenant and g.revoked_at is null and g.expires_at > moment
  ) >= 100 then
    raise exception 'grants: a tenant has at most 100 at a time; revoke some first' using errcode = 'PT400';
  end if;
  insert into public.grants as g (
    tenant_id, id, tools, account_id, arguments, reason, issued_at, issued_by, expires_at
  )
  values (
    issue_grant.tenant, issue_grant.id, issue_grant.tools, issue_grant.account_id, issue_grant.arguments,
    issue_grant.reason, moment, issue_grant.actor_id, moment + issue_grant.lasts_for
  )
  returning g.* into issued;
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[issued.tenant_id], actor_type => issue_grant.actor_type,
    actor_id => issue_grant.actor_id, categories => array['grant.issued'],
    payloads => array[jsonb_build_object(
      'grant_id', issued.id, 'expires_at', issued.expires_at, 'terms_sha256', encode(sha256(convert_to(
        jsonb_build_object('tools', issued.tools, 'account_id', issued.account_id, 'arguments', issued.arguments)::text,
        'UTF8'
      )), 'hex')
    )],
    made_at => moment
  );
  return to_jsonb(issued);
end
$$;
revoke all on function worker_api.issue_grant from public;
grant execute on function worker_api.issue_grant to service_role, app_rw;
