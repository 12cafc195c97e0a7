drop function if exists worker_api.read_policies;
drop function if exists tenant_api.issue_grant, tenant_api.revoke_grant;
drop function if exists worker_api.issue_grant, worker_api.revoke_grant, worker_api.list_grants, worker_api.get_grant,
  worker_api.use_grants;
drop table public.grant_uses;
drop table public.grants;
