-- Erase the contents of ended envelopes of a tenant: all their arguments (proposed, decided and current), trust
-- context, result, last error, and the reasons of decisions. The envelopes keep their state and their audit rows, and
-- each gets an audit row `envelope.erased`. Open envelopes and dead letters are skipped. Returns how many envelopes
-- were erased; an envelope that was erased before is counted again.
create or replace function app_private.erase_arguments(
  tenant uuid, envelopes uuid[], actor_type text, actor_id text, as_of timestamptz
)
returns integer
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
set enable_seqscan = off as $$
declare
  erased record;
  total integer := 0;
begin
  update public.approvals as a
  set decided_arguments = case when a.decided_arguments is not null then '{}'::jsonb end, decision_reason = null
  from public.outbox as o
  where a.tenant_id = erase_arguments.tenant and a.envelope_id = any (envelopes)
    and o.tenant_id = a.tenant_id and o.id = a.envelope_id
    and o.status not in ('pending', 'awaiting_approval', 'unknown');
  for erased in
    update public.outbox as o
    set arguments = '{}', proposed_arguments = null, trust_context = '{}', result = null, last_error = null
    where o.tenant_id = erase_arguments.tenant and o.id = any (envelopes)
      and o.status not in ('pending', 'awaiting_approval', 'unknown')
    returning o.id, o.external_id, o.tool_slug
  loop
    perform app_private.do_at_commit(
      as_of,
      audited_tenants => array[erase_arguments.tenant], actor_type => erase_arguments.actor_type,
      actor_id => erase_arguments.actor_id, categories => array['envelope.erased'],
      payloads => array[app_private.envelope_event(erased.id, erased.external_id, erased.tool_slug, '{}')],
      made_at => as_of
    );
    total := total + 1;
  end loop;
  return total;
end
$$;
revoke all on function app_private.erase_arguments from public;
