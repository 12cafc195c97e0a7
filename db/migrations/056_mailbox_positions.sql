-- squawk-ignore-file require-concurrent-index-creation, constraint-missing-not-valid
-- Drafts: how far each mailbox was read. docs/decisions/052-mail-in-and-out.md says why a position and not a mark on
-- each mail.

set local lock_timeout = '5s';
set local statement_timeout = '5min';

create table drafts.mailbox_positions (
  tenant_id uuid not null references public.tenants (id),
  channel_id uuid not null,
  folder text not null,
  uidvalidity bigint not null,
  uid bigint not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (tenant_id, channel_id, folder),
  constraint mailbox_positions_channel_id_fkey foreign key (tenant_id, channel_id)
    references drafts.channels (tenant_id, id),
  constraint mailbox_positions_folder_check check (length(folder) between 1 and 255),
  constraint mailbox_positions_uid_check check (uid >= 0 and uidvalidity >= 0)
) with (fillfactor = 50);
comment on table drafts.mailbox_positions is 'The last mail of each folder that was stored or refused.';
comment on column drafts.mailbox_positions.uidvalidity is 'Names the numbering of the folder: under another all ids are new.';
create trigger set_mailbox_positions_updated_at before update on drafts.mailbox_positions
  for each row execute function app_private.touch_updated_at();

create index idx_message_unknown on drafts.messages (tenant_id, id) where delivery_state = 'unknown';

alter table drafts.mailbox_positions enable row level security;
create policy mailbox_positions_tenant on drafts.mailbox_positions for select to authenticated using (
  tenant_id = (select app_private.current_tenant_id_uuid())
  and greatest(tenant_id, tenant_id) = all ((select array[app_private.current_tenant_id_uuid()])::uuid[])
);
create policy mailbox_positions_app_rw on drafts.mailbox_positions for all to app_rw using (true);
create policy mailbox_positions_app_ro on drafts.mailbox_positions for select to app_ro using (true);
revoke all on drafts.mailbox_positions from anon, authenticated, service_role;
grant select on drafts.mailbox_positions to app_ro;
grant select, insert, update, delete on drafts.mailbox_positions to service_role, app_rw;
alter table drafts.mailbox_positions
  alter column tenant_id set (n_distinct = -0.5), alter column tenant_id set statistics 1,
  alter column channel_id set statistics 0, alter column folder set statistics 0,
  alter column uidvalidity set statistics 0, alter column uid set statistics 0,
  alter column created_at set statistics 0, alter column updated_at set statistics 0,
  add constraint mailbox_positions_folder_fits check (app_private.fits('folder', folder)),
  add constraint mailbox_positions_created_at_fits check (app_private.fits('created_at', created_at)),
  add constraint mailbox_positions_updated_at_fits check (app_private.fits('updated_at', updated_at));
grant select (tenant_id, channel_id, folder, uidvalidity, uid, created_at, updated_at)
on drafts.mailbox_positions to authenticated;
