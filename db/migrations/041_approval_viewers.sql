-- Who looks at an approval now. Unlogged, because a row matters for half a minute only: a crash of the server empties the
-- table, and replicas do not have it.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create unlogged table public.approval_viewers (
  tenant_id uuid not null references public.tenants (id),
  envelope_id uuid not null,
  viewer text not null,
  seen_at timestamptz not null,
  primary key (tenant_id, envelope_id, viewer),
  constraint approval_viewers_viewer_check check (length(viewer) between 1 and 300)
) with (fillfactor = 50);
comment on column public.approval_viewers.viewer is 'The type and id of the person, such as `user:maria`.';

alter table public.approval_viewers enable row level security;
create policy approval_viewers_select on public.approval_viewers for select to authenticated
  using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
    and (select app_private.current_tenant_role()) <> 'agent'
  );
create policy approval_viewers_app on public.approval_viewers for select to app_rw, app_ro using (true);
revoke all on public.approval_viewers from anon, authenticated, service_role;
grant select (tenant_id, envelope_id, viewer, seen_at) on public.approval_viewers to authenticated;
grant select on public.approval_viewers to service_role, app_rw, app_ro;
alter table public.approval_viewers
  alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;
