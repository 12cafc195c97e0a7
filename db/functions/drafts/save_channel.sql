-- Create a channel, or change the one with this external_id: its name, its settings (`metadata`), and the tool and
-- account that send replies. The type of an existing channel cannot change. Returns the channel. For owners. Raises
-- PT400, PT403, PT409.
-- call: repeatable
create or replace function drafts.save_channel(
  tenant uuid default null, external_id text default null, name text default null, type text default null,
  metadata jsonb default null, reply_tool_slug text default null, reply_account_id text default null,
  actor_type text default 'operator', actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  saved drafts.channels;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  perform app_private.check_texts('external_id', save_channel.external_id, 'name', save_channel.name);
  perform app_private.check_not_reserved(array[save_channel.reply_tool_slug], array[]::jsonb[]);
  insert into drafts.channels as ch (
    tenant_id, type, external_id, name, metadata, reply_tool_slug, reply_account_id, created_at, updated_at
  )
  values (
    caller.tenant_id, save_channel.type, save_channel.external_id, save_channel.name,
    coalesce(save_channel.metadata, '{}'), save_channel.reply_tool_slug, save_channel.reply_account_id, moment, moment
  )
  on conflict on constraint uq_channels_external_id do update
  set
    name = excluded.name, metadata = coalesce(save_channel.metadata, ch.metadata),
    reply_tool_slug = excluded.reply_tool_slug, reply_account_id = excluded.reply_account_id
  returning ch.* into saved;
  if saved.type <> save_channel.type then
    raise exception 'type: the channel % is of type %', saved.external_id, saved.type using errcode = 'PT409';
  end if;
  perform drafts.add_audit(saved.tenant_id, caller.actor_type, caller.actor_id, 'channel.saved', jsonb_build_object(
    'channel_id', saved.id, 'type', saved.type, 'reply_tool_slug', saved.reply_tool_slug
  ), moment);
  return to_jsonb(saved);
end
$$;
revoke all on function drafts.save_channel from public;
grant execute on function drafts.save_channel to authenticated, service_role, app_rw;
