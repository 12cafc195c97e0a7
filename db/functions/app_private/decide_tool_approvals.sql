-- A person has accepted or rejected a tool: decide the envelopes that wait because the tool is new or has changed. They
-- become pending and are judged again, or are rejected. Returns how many there were.
-- If `version` is given, app_private.pin_to_version first pins the envelopes of retired versions to it. The caller has
-- locked the tenant's lanes.
create or replace function app_private.decide_tool_approvals(
  tenant uuid, tool_slug text, version text, decision text, actor_type text, actor_id text, reason text,
  as_of timestamptz
)
returns integer language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  waiting uuid;
  count integer := 0;
begin
  if decide_tool_approvals.version is not null then
    perform app_private.pin_to_version(tenant, tool_slug, version, as_of);
  end if;

  for waiting in
    select o.id
    from app_private.open_envelopes as e
    join public.outbox as o on o.tenant_id = e.tenant_id and o.id = e.id
    where e.tenant_id = decide_tool_approvals.tenant and e.status = 'awaiting_approval'
      and o.tool_slug = decide_tool_approvals.tool_slug
      and o.verdicts @> '[{"guardrail": "tool", "decision": "needs_approval"}]'
    order by o.id
    for update of o
  loop
    update public.approvals as a
    set decision = decide_tool_approvals.decision, decided_by = actor_id, decided_at = as_of,
        decision_reason = decide_tool_approvals.reason,
        rejection_code = case decide_tool_approvals.decision when 'rejected' then 'tool_rejected' end
    where a.tenant_id = decide_tool_approvals.tenant and a.envelope_id = waiting and a.decision is null;
    perform app_private.change_envelope(
      decide_tool_approvals.tenant, waiting,
      case decide_tool_approvals.decision when 'approved' then 'pending' else 'rejected' end,
      decide_tool_approvals.decision, actor_type, actor_id, reason, as_of,
      code => case decide_tool_approvals.decision when 'rejected' then 'tool_rejected' end
    );
    count := count + 1;
  end loop;
  return count;
end
$$;
revoke all on function app_private.decide_tool_approvals from public;
