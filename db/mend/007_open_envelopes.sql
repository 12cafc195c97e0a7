-- What a database lacks that applied the first text of 007_open_envelopes.sql.
set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table if not exists public.verdict_sets (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null,
  verdicts jsonb not null,
  primary key (tenant_id, id)
);
comment on table public.verdict_sets is 'Verdicts that outbox.verdict_set refers to; id is made of their text.';
alter table public.outbox add column if not exists verdict_set uuid;
comment on column public.outbox.verdict_set is
  'Where an attempt was let through: its verdicts, in verdict_sets. Otherwise they are in the column verdicts.';
alter table public.verdict_sets enable row level security;
drop policy if exists verdict_sets_select on public.verdict_sets;
drop policy if exists verdict_sets_app on public.verdict_sets;
create policy verdict_sets_select on public.verdict_sets for select to authenticated
  using (tenant_id = (select app_private.current_tenant_id_uuid()));
create policy verdict_sets_app on public.verdict_sets for select to app_rw, app_ro using (true);
revoke all on public.verdict_sets from anon, authenticated, service_role;
grant select on public.verdict_sets to authenticated, service_role, app_rw, app_ro;
