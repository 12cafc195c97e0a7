-- Record that all mails of a folder up to `uid` are stored or refused. `refused` lists the mails that cannot be read as
-- {uid, problem}; everybody of the tenant is notified of each once. While uidvalidity stays the same, the position
-- never goes back: a reader that is behind another one changes nothing.
-- call: repeatable
create or replace function drafts.save_mailbox_position(
  tenant uuid, channel_id uuid, folder text, uidvalidity bigint, uid bigint, refused jsonb default '[]',
  as_of timestamptz default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  has_moved boolean;
begin
  perform set_config('app.door', 'job', true);
  insert into drafts.mailbox_positions as p (tenant_id, channel_id, folder, uidvalidity, uid, created_at, updated_at)
  values (
    tenant, save_mailbox_position.channel_id, save_mailbox_position.folder, save_mailbox_position.uidvalidity,
    save_mailbox_position.uid, moment, moment
  )
  on conflict on constraint mailbox_positions_pkey do update
  set uidvalidity = excluded.uidvalidity, uid = excluded.uid
  where p.uidvalidity <> excluded.uidvalidity or p.uid < excluded.uid
  returning true into has_moved;
  if has_moved is null or refused = '[]' then
    return;
  end if;
  perform drafts.notify(tenant, null, 'mail.refused', jsonb_build_object(
    'channel_id', save_mailbox_position.channel_id, 'folder', save_mailbox_position.folder,
    'uid', r.mail -> 'uid', 'problem', left(r.mail ->> 'problem', 500)
  ), moment)
  from jsonb_array_elements(refused) as r (mail);
  perform drafts.add_audit(tenant, 'system', 'receive_mail', 'mail.refused', jsonb_build_object(
    'channel_id', save_mailbox_position.channel_id, 'folder', save_mailbox_position.folder, 'refused', refused
  ), moment);
end
$$;
revoke all on function drafts.save_mailbox_position from public;
grant execute on function drafts.save_mailbox_position to service_role, app_rw;
