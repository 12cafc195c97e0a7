-- squawk-ignore-file require-concurrent-index-creation, constraint-missing-not-valid
-- Privacy in drafts: texts are blanked when they are no longer needed, and a customer can be erased.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

alter table drafts.settings add column archive_after_days integer;
alter table drafts.settings
  add constraint settings_archive_after_days_check check (archive_after_days between 1 and 3650) not valid;
comment on column drafts.settings.archive_after_days is
  'Texts of a conversation are blanked when it has been quiet for so many days. Null: never.';

alter table drafts.conversations add column archived_at timestamptz;
comment on column drafts.conversations.archived_at is 'When the texts of its messages and drafts were blanked last.';
create index idx_conversation_to_archive on drafts.conversations (tenant_id, coalesce(last_message_at, created_at), id)
where archived_at is null or archived_at < last_message_at;
create index idx_message_from_address on drafts.messages (tenant_id, lower(left(from_address, 320)))
where from_address is not null;

create table drafts.erasures (
  tenant_id uuid not null references public.tenants (id),
  id uuid not null default gen_random_uuid(),
  customer_sha256 text not null,
  counts jsonb not null,
  erased_by text not null,
  erased_at timestamptz not null,
  primary key (tenant_id, id),
  constraint erasures_customer_sha256_check check (customer_sha256 ~ '^[0-9a-f]{64}$'),
  constraint erasures_counts_check check (jsonb_typeof(counts) = 'object')
);
comment on table drafts.erasures is 'Which customers were erased, without their names. The audit log has the same.';
comment on column drafts.erasures.customer_sha256 is
  'The SHA-256 of the tenant''s id, a colon and the address in lower case. Only who knows the address can compute it.';
create index idx_erasure_customer on drafts.erasures (tenant_id, customer_sha256, erased_at);

do $$
declare
  bounded record;
begin
  alter table drafts.erasures enable row level security;
  create policy erasures_tenant on drafts.erasures for select to authenticated using (
    tenant_id = (select app_private.current_tenant_id_uuid())
    and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
  );
  create policy erasures_app_rw on drafts.erasures for all to app_rw using (true);
  create policy erasures_app_ro on drafts.erasures for select to app_ro using (true);
  revoke all on drafts.erasures from anon, authenticated, service_role;
  grant select (tenant_id, id, customer_sha256, counts, erased_by, erased_at) on drafts.erasures to authenticated;
  grant select on drafts.erasures to app_ro;
  grant select, insert, update, delete on drafts.erasures to service_role, app_rw;
  alter table drafts.erasures alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1;
  grant select (archive_after_days) on drafts.settings to authenticated;
  grant select (archived_at) on drafts.conversations to authenticated;
  for bounded in
    select a.attrelid::regclass as name, split_part(a.attrelid::regclass::text, '.', 2) as relname, a.attname,
      a.atttypid
    from pg_catalog.pg_attribute as a
    where a.attnum > 0 and a.attname <> 'tenant_id' and (
      a.attrelid = 'drafts.erasures'::regclass
      or a.attrelid = 'drafts.settings'::regclass and a.attname = 'archive_after_days'
      or a.attrelid = 'drafts.conversations'::regclass and a.attname = 'archived_at'
    )
  loop
    execute format('alter table %s alter column %I set statistics 0', bounded.name, bounded.attname);
    continue when bounded.atttypid not in ('jsonb'::regtype, 'text'::regtype, 'timestamptz'::regtype);
    execute format(
      'alter table %s add constraint %I check (app_private.fits(%L, %I)) not valid',
      bounded.name, left(bounded.relname || '_' || bounded.attname, 58) || '_fits', bounded.attname, bounded.attname
    );
  end loop;
end
$$;
