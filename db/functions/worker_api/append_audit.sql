-- Audit rows that belong to no change of state, appended to their tenants' chains.
create or replace function worker_api.append_audit(entries jsonb, as_of timestamptz default null)
returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  select app_private.append_audit(array_agg(e), coalesce(as_of, now()))
  from jsonb_populate_recordset(null::app_private.audit_entry, entries) as e
  having count(*) > 0
$$;
revoke all on function worker_api.append_audit from public;
grant execute on function worker_api.append_audit to service_role, app_rw;
