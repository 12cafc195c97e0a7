drop function if exists tenant_api.cancel, tenant_api.create_api_token, tenant_api.decide_approval,
  tenant_api.enqueue, tenant_api.find_evidence, tenant_api.find_tools, tenant_api.get_tenant, tenant_api.pause_tenant,
  tenant_api.queue_status, tenant_api.read_policies, tenant_api.requeue_dead_letters, tenant_api.resolve_unknown,
  tenant_api.resume_tenant, tenant_api.revoke_api_token, tenant_api.save_account, tenant_api.save_guardrails,
  tenant_api.save_objective, tenant_api.waits_for;
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
