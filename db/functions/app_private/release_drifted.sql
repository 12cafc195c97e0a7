-- Decide about the envelopes that wait because their tool is new or has changed: they become pending and are judged
-- again, or they are rejected. With `version`, open envelopes that are pinned to a retired version are first pinned to
-- this one. The caller has locked the tenant's lanes. Returns how many envelopes waited.
create or replace function app_private.release_drifted(
  tenant uuid, tool_slug text, version text, decision text, actor_type text, actor_id text, reason text,
  as_of timestamptz
)
returns integer language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  waiting uuid;
  count integer := 0;
begin
  if release_drifted.version is not null then
    perform app_private.pin_again(tenant, tool_slug, version, as_of);
  end if;

  for waiting in
    select o.id
    from app_private.open_envelopes as e
    join public.outbox as o on o.tenant_id = e.tenant_id and o.id = e.id
    where e.tenant_id = release_drifted.tenant and e.status = 'awaiting_approval'
      and o.tool_slug = release_drifted.tool_slug
      and o.verdicts @> '[{"guardrail": "tool", "decision": "needs_approval"}]'
    order by o.id
    for update of o
  loop
    update public.approvals as a
    set decision = release_drifted.decision, decided_by = actor_id, decided_at = as_of, decision_reason = release_drifted.reason
    where a.tenant_id = release_drifted.tenant and a.envelope_id = waiting and a.decision is null;
    perform app_private.change_envelope(
      release_drifted.tenant, waiting, case release_drifted.decision when 'approved' then 'pending' else 'rejected' end,
      release_drifted.decision, actor_type, actor_id, reason, as_of
    );
    count := count + 1;
  end loop;
  return count;
end
$$;
revoke all on function app_private.release_drifted from public;
