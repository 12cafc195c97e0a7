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
        and pg_has_role(p.pubowner, 'usage')
    ) then
      execute format('alter publication supabase_realtime drop table public.%I', told);
    end if;
  end loop;
end
$$;

-- What is left of ours goes back to whoever migrates, so that app_owner needs no right on a schema.
do $$
declare
  kept text;
begin
  for kept in
    select 'table ' || c.oid::regclass
    from pg_catalog.pg_class as c
    where c.relkind = 'r' and c.relowner = 'app_owner'::regrole
      and c.oid = any (array[
        'public.tenants', 'public.objectives', 'public.guardrails', 'public.connected_accounts', 'public.tool_catalog',
        'public.outbox', 'public.outbox_dlq', 'public.approvals', 'public.audit_log', 'app_private.audit_heads',
        'app_private.lanes', 'app_private.rate_buckets'
      ]::regclass[])
    union all
    select 'routine ' || p.oid::regprocedure
    from pg_catalog.pg_proc as p
    where p.proowner = 'app_owner'::regrole
      and p.pronamespace in ('worker_api'::regnamespace, 'app_private'::regnamespace)
    union all
    select 'type ' || t.oid::regtype
    from pg_catalog.pg_type as t
    join pg_catalog.pg_class as c on c.oid = t.typrelid
    where c.relkind = 'c' and t.typowner = 'app_owner'::regrole and t.typnamespace = 'app_private'::regnamespace
  loop
    execute format('alter %s owner to %I', kept, current_user);
  end loop;
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
