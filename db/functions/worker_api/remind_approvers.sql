-- Take the next reminder or escalation of each approval that has waited long enough: append an audit row
-- (`approval.reminded` or `approval.escalated`) and count the step on the approval. So each step is taken once. A call
-- takes one step of at most 1000 approvals. Returns {reminded, escalated}: how many. Never waits for a lock: locked
-- approvals follow in a later call.
-- call: repeatable
create or replace function worker_api.remind_approvers(
  as_of timestamptz default null, actor_type text default 'system', actor_id text default 'clock',
  door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz := coalesce(as_of, now());
  waiting_tenants uuid[];
  waiting_ids uuid[];
  steps jsonb[];
  free_heads uuid[];
  busy_tenants uuid[] := '{}';
  audited_tenants uuid[];
  categories text[];
  payloads jsonb[];
begin
  perform app_private.check_texts(
    'actor_type', remind_approvers.actor_type, 'actor_id', remind_approvers.actor_id, 'door', remind_approvers.door
  );
  loop   -- if the chain heads of all tenants of a batch are locked, try the next batch, without these tenants
    select array_agg(due.tenant_id), array_agg(due.id), array_agg(due.step) into waiting_tenants, waiting_ids, steps
    from (
      select a.tenant_id, a.id, next.step
      from public.approvals as a
      join public.outbox as o on o.tenant_id = a.tenant_id and o.id = a.envelope_id
      join public.guardrails as g on g.tenant_id = a.tenant_id
      cross join lateral (
        select coalesce(g.approval_reminders -> o.risk, g.approval_reminders -> 'default') -> a.reminder_steps::integer
          as step
      ) as next
      where a.decision is null and a.expires_at > moment and isfinite(a.requested_at)
        and a.tenant_id <> all (busy_tenants)
        and case   -- a step that somebody stored without the checks is ignored
          when jsonb_typeof(next.step -> 'after_seconds') = 'number' then
            (next.step ->> 'after_seconds')::numeric <= extract(epoch from moment - a.requested_at)
        end
      order by a.requested_at, a.id
      limit 1000
      for update of a skip locked
    ) as due;
    if waiting_ids is null then
      return '{"reminded": 0, "escalated": 0}';
    end if;
    with heads as (
      select h.tenant_id from app_private.audit_heads as h
      where h.tenant_id = any (waiting_tenants)
      order by h.tenant_id
      for update skip locked
    )
    select array_agg(t.id) into free_heads
    from (select distinct w.id from unnest(waiting_tenants) as w (id)) as t
    where t.id in (select h.tenant_id from heads as h)
      or not exists (select from app_private.audit_heads as missing where missing.tenant_id = t.id);
    exit when free_heads is not null;
    busy_tenants := busy_tenants || waiting_tenants;
  end loop;

  with taken as (
    update public.approvals as a
    set
      reminder_steps = a.reminder_steps + 1,
      reminded_at = case when due.role is null then moment else a.reminded_at end,
      escalated_at = case when due.role is null then a.escalated_at else moment end,
      escalated_to = coalesce(due.role, a.escalated_to),
      escalation_level = a.escalation_level + (due.role is not null)::integer
    from (
      select w.tenant_id, w.id,
        case when w.step ->> 'escalate_to' in ('owner', 'reviewer') then w.step ->> 'escalate_to' end as role
      from unnest(waiting_tenants, waiting_ids, steps) as w (tenant_id, id, step)
    ) as due
    where a.tenant_id = due.tenant_id and a.id = due.id and a.tenant_id = any (free_heads)
    returning a.*, due.role as escalated_role
  )
  select
    array_agg(t.tenant_id order by t.tenant_id, t.requested_at, t.id),
    array_agg(
      case when t.escalated_role is null then 'approval.reminded' else 'approval.escalated' end
      order by t.tenant_id, t.requested_at, t.id
    ),
    array_agg(app_private.envelope_event(o.id, o.external_id, o.tool_slug, jsonb_build_object(
      'approval_id', t.id, 'risk', o.risk, 'step', t.reminder_steps, 'requested_at', t.requested_at,
      'expires_at', t.expires_at, 'role', t.escalated_role,
      'level', case when t.escalated_role is not null then t.escalation_level end
    )) order by t.tenant_id, t.requested_at, t.id)
  into audited_tenants, categories, payloads
  from taken as t
  join public.outbox as o on o.tenant_id = t.tenant_id and o.id = t.envelope_id;

  perform app_private.append_audit(
    audited_tenants, remind_approvers.actor_type, remind_approvers.actor_id, categories,
    app_private.add_door(payloads, remind_approvers.door), moment
  );
  return jsonb_build_object(
    'reminded', cardinality(array_positions(categories, 'approval.reminded')),
    'escalated', cardinality(array_positions(categories, 'approval.escalated'))
  );
end
$$;
revoke all on function worker_api.remind_approvers from public;
grant execute on function worker_api.remind_approvers to service_role, app_rw;
