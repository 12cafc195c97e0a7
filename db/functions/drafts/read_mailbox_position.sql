-- The position up to which a folder of a channel's mailbox was read: {channel_id, uidvalidity, uid}. The last two are
-- null for a folder that was never read. Raises PT404 if the tenant has no e-mail channel with this external_id.
-- call: repeatable
create or replace function drafts.read_mailbox_position(tenant uuid, channel text, folder text)
returns jsonb language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  channel_row drafts.channels;
begin
  select * into channel_row from drafts.channels as ch
  where ch.tenant_id = tenant and ch.external_id = channel and ch.type = 'email';
  if channel_row.id is null then
    raise exception 'channel: no e-mail channel %', channel using errcode = 'PT404';
  end if;
  return (
    select jsonb_build_object('channel_id', channel_row.id, 'uidvalidity', p.uidvalidity, 'uid', p.uid)
    from (values (1)) as one
    left join drafts.mailbox_positions as p
      on p.tenant_id = channel_row.tenant_id and p.channel_id = channel_row.id and p.folder = read_mailbox_position.folder
  );
end
$$;
revoke all on function drafts.read_mailbox_position from public;
grant execute on function drafts.read_mailbox_position to service_role, app_rw;
