-- The roles stay: they belong to the server, and another database may use them.
do $$
declare
  told text;
begin
  foreach told in array array['outbox', 'outbox_dlq', 'approvals', 'audit_log'] loop
    if exists (   -- named one by one; a publication of all tables or of a schema is not ours to thin out
      select from pg_catalog.pg_publication_rel as named
      join pg_catalog.pg_publication as p on p.oid = named.prpubid
      where p.pubname = 'supabase_realtime' and named.prrelid = format('public.%I', told)::regclass
    ) then
      execute format('alter publication supabase_realtime drop table public.%I', told);
    end if;
  end loop;

  execute format('reassign owned by app_owner to %I', current_user);
end
$$;

drop policy tenants_app on public.tenants;
drop policy objectives_app on public.objectives;
drop policy guardrails_app on public.guardrails;
drop policy connected_accounts_app on public.connected_accounts;
drop policy tool_catalog_app on public.tool_catalog;
drop policy outbox_app on public.outbox;
drop policy outbox_dlq_app on public.outbox_dlq;
drop policy approvals_app on public.approvals;
drop policy audit_log_app on public.audit_log;

revoke select on public.tenants, public.objectives, public.guardrails, public.connected_accounts, public.tool_catalog,
  public.outbox, public.outbox_dlq, public.approvals, public.audit_log from app_rw, app_ro;
revoke all on schema public, app_private, worker_api from app_owner, app_rw, app_ro, workflow_rw;

drop function app_private.current_organization_id();
drop function app_private.touch_updated_at();

create or replace function app_private.current_tenant_id_uuid()
returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
  select case
    when claim ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then claim::uuid
  end
  from (select auth.jwt() ->> 'tenant_id' as claim) as jwt
$$;
