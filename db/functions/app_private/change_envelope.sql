-- Move one envelope that no worker holds to another state of the outbox. At commit its lane is woken and the audit row
-- `envelope.<event>` is appended. Returns the envelope.
-- The caller has locked the row and checked that the envelope may enter the new state. `code` is given if a person
-- rejected the call: code and reason are then stored in last_error, which the agent reads. `edited` is given if a
-- person changed the arguments: these are the new ones, and the proposed ones are kept.
create or replace function app_private.change_envelope(
  tenant uuid, envelope uuid, new_status text, event text, actor_type text, actor_id text, reason text,
  as_of timestamptz, digest text default null, code text default null, edited jsonb default null,
  proposed_digest text default null
)
returns jsonb language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  changed public.outbox;
begin
  update public.outbox as o
  set
    status = new_status,
    next_run_at = case when new_status = 'pending' then as_of else o.next_run_at end,
    approved_digest = case when new_status = 'pending' then coalesce(digest, o.approved_digest) else o.approved_digest end,
    arguments = coalesce(edited, o.arguments),
    proposed_arguments = case when edited is null then o.proposed_arguments else coalesce(o.proposed_arguments, o.arguments) end,
    last_error = case when code is null then o.last_error else concat_ws(': ', code, reason) end,
    updated_at = as_of
  where o.tenant_id = change_envelope.tenant and o.id = change_envelope.envelope
  returning o.* into changed;

  perform app_private.do_at_commit(
    as_of,
    woken_tenants => array[changed.tenant_id], woken_lanes => array[changed.lane],
    woken_moments => array[case when new_status = 'pending' then as_of end], woken_keys => array[changed.ordering_key],
    audited_tenants => array[changed.tenant_id], actor_type => change_envelope.actor_type,
    actor_id => change_envelope.actor_id, categories => array['envelope.' || event],
    payloads => array[app_private.envelope_event(
      changed.id, changed.external_id, changed.tool_slug,
      jsonb_build_object('status', new_status, 'reason', reason, 'code', code, 'digest', digest,
        'proposed_digest', proposed_digest)
    )],
    made_at => as_of
  );
  if new_status = 'pending' or changed.ordering_key is not null then
    perform app_private.notify_workers();
  end if;
  return to_jsonb(changed) || jsonb_build_object('verdicts', worker_api.verdicts_of(changed));
end
$$;
revoke all on function app_private.change_envelope from public;
