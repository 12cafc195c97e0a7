-- Begin to follow a tenant's audit log at its present end, unless it is followed already. To be called before an
-- envelope of autopilot is enqueued: no audit row until then is about such an envelope.
-- call: internal
create or replace function autopilot.follow_from_now(organization uuid)
returns void
language sql set search_path = pg_catalog, pg_temp as $$
  insert into autopilot.audit_positions (organization_id, seq)
  select organization, coalesce((select h.seq from app_private.audit_heads as h where h.tenant_id = organization), 0)
  on conflict do nothing
$$;
revoke all on function autopilot.follow_from_now from public;
