-- Who may do what beside Supabase's own roles; docs/reference/roles.md shows it as one table, which the tests hold to
-- the database. All of these are groups without a login: an operator makes logins and grants them one.
--
--   app_owner     owns tables and functions, so that a definer function runs without BYPASSRLS
--   app_rw        operators' backends: reads everything, calls worker_api, writes the applications' schemas
--   app_ro        analytics: reads everything
--   workflow_rw   writes schema autopilot by SQL, within the organization its session names
--   outbox_worker the worker (made by 001): calls its functions and nothing else
--
-- Roles belong to the server, not to this database: they are made when missing and never dropped. Their comments mark
-- them as ours: `db migrate` refuses a role of these names without one, whose members nobody knows.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

do $$
declare
  made record;
begin
  for made in
    select * from (
      values ('app_owner', 'owns tables and functions'), ('app_rw', 'operators'), ('app_ro', 'analytics'),
        ('workflow_rw', 'workflow teams'), ('outbox_worker', 'the worker')
    ) as roles (name, purpose)
  loop
    if to_regrole(made.name) is null then
      execute format('create role %I nologin nobypassrls', made.name);
      execute format('comment on role %I is %L', made.name, 'Agent Control Plane: ' || made.purpose);
    end if;
  end loop;

  -- Whoever migrates hands objects over to app_owner, and changes them later.
  if not pg_has_role(current_user, 'app_owner', 'usage') then
    execute format('grant app_owner to %I', current_user);
  end if;

  -- PostgREST becomes the role that a JWT names.
  if exists (select from pg_catalog.pg_roles where rolname = 'authenticator')
    and not pg_has_role('authenticator', 'outbox_worker', 'member') then
    grant outbox_worker to authenticator;
  end if;
end
$$;

grant usage, create on schema public, app_private, worker_api to app_owner;
grant usage on schema public to app_rw, app_ro;
grant usage on schema worker_api to app_rw, app_ro;
grant usage on schema app_private to workflow_rw;

-- The organization a direct SQL writer says it works for; null (so no rows) when it says none, or no UUID.
create or replace function app_private.current_organization_id()
returns uuid language sql stable set search_path = pg_catalog, pg_temp as $$
  select case
    when said ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' then said::uuid
  end
  from (select current_setting('app.current_organization_id', true) as said) as setting
$$;
revoke all on function app_private.current_organization_id() from public;
grant execute on function app_private.current_organization_id() to workflow_rw;

create or replace function app_private.touch_updated_at()
returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  new.updated_at := now();
  return new;
end
$$;
revoke all on function app_private.touch_updated_at() from public;

-- ---------------------------------------------------------------------------------------------------------------
-- The core's tables: operators and analytics read every tenant's rows; state changes through worker_api alone
-- ---------------------------------------------------------------------------------------------------------------

grant select on public.tenants, public.objectives, public.guardrails, public.connected_accounts, public.tool_catalog,
  public.outbox, public.outbox_dlq, public.approvals, public.audit_log to app_rw, app_ro;

create policy tenants_app on public.tenants for select to app_rw, app_ro using (true);
create policy objectives_app on public.objectives for select to app_rw, app_ro using (true);
create policy guardrails_app on public.guardrails for select to app_rw, app_ro using (true);
create policy connected_accounts_app on public.connected_accounts for select to app_rw, app_ro using (true);
create policy tool_catalog_app on public.tool_catalog for select to app_rw, app_ro using (true);
create policy outbox_app on public.outbox for select to app_rw, app_ro using (true);
create policy outbox_dlq_app on public.outbox_dlq for select to app_rw, app_ro using (true);
create policy approvals_app on public.approvals for select to app_rw, app_ro using (true);
create policy audit_log_app on public.audit_log for select to app_rw, app_ro using (true);

-- On Supabase a tenant's page hears of changes to its rows, under the same policies.
do $$
declare
  told text;
  publisher name;
begin
  select pubowner::regrole into publisher
  from pg_catalog.pg_publication where pubname = 'supabase_realtime' and not puballtables;
  if publisher is not null and not pg_has_role(publisher, 'usage') then
    raise warning 'publication supabase_realtime belongs to %: tenants hear of no change until it runs: alter publication supabase_realtime add table public.outbox, public.outbox_dlq, public.approvals, public.audit_log', publisher;
  elsif publisher is not null then
    foreach told in array array['outbox', 'outbox_dlq', 'approvals', 'audit_log'] loop
      if not exists (
        select from pg_catalog.pg_publication_tables
        where pubname = 'supabase_realtime' and schemaname = 'public' and tablename = told
      ) then
        execute format('alter publication supabase_realtime add table public.%I', told);
      end if;
    end loop;
  end if;
end
$$;
