-- Close the approvals nobody gave in time; silence is a no. Returns how many envelopes expired.
create or replace function worker_api.expire_approvals(as_of timestamptz default null)
returns integer
language plpgsql security definer set search_path = '' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  late record;
  expired integer := 0;
begin
  for late in
    select o.id, a.id as approval_id
    from public.approvals as a
    join public.outbox as o on o.id = a.envelope_id
    where a.decision is null and a.expires_at <= moment
    order by a.tenant_id, o.id
    limit 1000
    for update of o, a skip locked
  loop
    update public.approvals as a
    set decision = 'expired', decided_by = 'clock', decided_at = moment
    where a.id = late.approval_id;
    perform app_private.change_envelope(
      late.id, 'expired', 'expired', 'system', 'clock', 'nobody decided in time', moment
    );
    expired := expired + 1;
  end loop;
  return expired;
end
$$;
revoke all on function worker_api.expire_approvals from public;
grant execute on function worker_api.expire_approvals to service_role, outbox_worker;
