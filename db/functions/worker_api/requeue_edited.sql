-- Requeue one dead letter with other arguments: see worker_api.requeue_dead_letters. The proposed arguments are kept.
-- If the arguments differ, an audit row `envelope.edited` records both by SHA-256. Returns the envelope. Raises PT404
-- if the tenant has no such dead letter, PT409 if its deadline has passed or if it delivers an event and the arguments
-- differ, PT400 if enqueue would refuse the arguments.
-- call: not repeatable
create or replace function worker_api.requeue_edited(
  tenant uuid, envelope uuid, edited_arguments jsonb, actor_type text, actor_id text, reason text default null,
  as_of timestamptz default null, door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  dead_letter public.outbox_dlq;
begin
  perform app_private.check_texts(
    'reason', requeue_edited.reason, 'actor_type', requeue_edited.actor_type, 'actor_id', requeue_edited.actor_id,
    'door', requeue_edited.door
  );
  perform set_config('app.door', coalesce(requeue_edited.door, ''), true);
  if edited_arguments is null or jsonb_typeof(edited_arguments) <> 'object'
    or octet_length(edited_arguments::text) > 65536 or jsonb_path_exists(edited_arguments, '$.**{101}') then
    raise exception 'arguments: must be a JSON object of at most 65536 bytes and 100 levels' using errcode = 'PT400';
  end if;

  select * into dead_letter from public.outbox_dlq as d
  where d.tenant_id = requeue_edited.tenant and d.id = requeue_edited.envelope
  for update;
  if dead_letter.id is null then
    raise exception 'envelope: no dead letter % in this tenant', requeue_edited.envelope using errcode = 'PT404';
  end if;
  if dead_letter.arguments <> edited_arguments then
    if dead_letter.tool_slug like 'control\_plane\_\_event.%' then
      raise exception 'envelope: % delivers an event, and nobody may edit an event', dead_letter.id
        using errcode = 'PT409';
    end if;
    update public.outbox_dlq as d
    set arguments = edited_arguments,
        proposed_arguments = nullif(coalesce(d.proposed_arguments, d.arguments), edited_arguments)
    where d.tenant_id = dead_letter.tenant_id and d.id = dead_letter.id;
    perform app_private.do_at_commit(
      moment,
      audited_tenants => array[dead_letter.tenant_id], actor_type => requeue_edited.actor_type,
      actor_id => requeue_edited.actor_id, categories => array['envelope.edited'],
      payloads => array[app_private.envelope_event(
        dead_letter.id, dead_letter.external_id, dead_letter.tool_slug,
        jsonb_build_object(
          'reason', requeue_edited.reason,
          'arguments_sha256', encode(sha256(convert_to(edited_arguments::text, 'UTF8')), 'hex'),
          'replaced_sha256', encode(sha256(convert_to(dead_letter.arguments::text, 'UTF8')), 'hex')
        )
      )],
      made_at => moment
    );
  end if;
  return worker_api.requeue_dead_letters(
    tenant => requeue_edited.tenant, envelopes => array[requeue_edited.envelope], max_envelopes => 1,
    actor_id => requeue_edited.actor_id, as_of => requeue_edited.as_of, actor_type => requeue_edited.actor_type,
    door => requeue_edited.door
  ) -> 0;
end
$$;
revoke all on function worker_api.requeue_edited from public;
grant execute on function worker_api.requeue_edited to service_role, app_rw;
