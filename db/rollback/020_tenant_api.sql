-- All functions of the schema are ours: the rollback refuses first if it has others.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'tenant_api'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
drop schema tenant_api;
drop function if exists worker_api.list_envelopes, worker_api.list_dead_letters;
drop function if exists worker_api.create_api_token, worker_api.revoke_api_token, worker_api.list_api_tokens,
  worker_api.find_api_token;
drop function if exists app_private.acting_tenant, app_private.acting_user;

alter policy guardrails_update on public.guardrails
  with check (tenant_id = (select app_private.current_tenant_id_uuid()));
alter policy connected_accounts_insert on public.connected_accounts
  with check (tenant_id = (select app_private.current_tenant_id_uuid()));
alter policy connected_accounts_update on public.connected_accounts
  with check (tenant_id = (select app_private.current_tenant_id_uuid()));
alter policy connected_accounts_delete on public.connected_accounts
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
drop function app_private.current_tenant_role();

drop table app_private.api_token_hashes;
drop table public.api_tokens;
revoke usage on schema worker_api from authenticated;
