-- Every version of a tenant's guardrails, so that a verdict can name the one it was judged under, and people can go back
-- to one.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table public.guardrail_versions (
  tenant_id uuid not null references public.tenants (id),
  version integer not null,
  document jsonb not null,
  actor_type text not null,
  actor_id text not null,
  created_at timestamptz not null,
  primary key (tenant_id, version),
  constraint guardrail_versions_version_check check (version > 0),
  constraint guardrail_versions_document_check check (jsonb_typeof(document) = 'object')
);
comment on table public.guardrail_versions is
  'What a tenant''s guardrails were, from 1. A trigger on guardrails writes them; document has the columns that people set.';

insert into public.guardrail_versions (tenant_id, version, document, actor_type, actor_id, created_at)
select g.tenant_id, 1, to_jsonb(g) - array['id', 'tenant_id', 'created_at', 'updated_at'], 'system', 'migration 022',
  g.updated_at
from public.guardrails as g;

alter table public.guardrail_versions enable row level security;
create policy guardrail_versions_select on public.guardrail_versions for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
  );
create policy guardrail_versions_app on public.guardrail_versions for select to app_rw, app_ro using (true);
revoke all on public.guardrail_versions from anon, authenticated, service_role;
grant select (tenant_id, version, document, actor_type, actor_id, created_at)
  on public.guardrail_versions to authenticated;
grant select on public.guardrail_versions to service_role, app_rw, app_ro;
alter table public.guardrail_versions
  alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;

-- ---------------------------------------------------------------------------------------------------------------
-- Pauses of a part of a tenant's calls: of a tool, an account or an agent. A whole tenant is paused in tenants.
-- ---------------------------------------------------------------------------------------------------------------

create table public.pauses (
  tenant_id uuid not null references public.tenants (id),
  kind text not null,
  target text not null,
  reason text,
  started_at timestamptz not null,
  started_by text not null,
  ends_at timestamptz,
  changed_at timestamptz not null,
  primary key (tenant_id, kind, target),
  constraint pauses_kind_check check (kind in ('tool', 'account', 'agent')),
  constraint pauses_target_check check (length(target) between 1 and 255),
  constraint pauses_ends_at_check check (ends_at > started_at)
);
comment on column public.pauses.target is 'The slug of the tool, the id of the account, or the name of the agent.';
comment on column public.pauses.ends_at is 'Null: until a person ends it.';

alter table public.pauses enable row level security;
create policy pauses_select on public.pauses for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
  );
create policy pauses_app on public.pauses for select to app_rw, app_ro using (true);
revoke all on public.pauses from anon, authenticated, service_role;
grant select (tenant_id, kind, target, reason, started_at, started_by, ends_at, changed_at)
  on public.pauses to authenticated;
grant select on public.pauses to service_role, app_rw, app_ro;
alter table public.pauses alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;
