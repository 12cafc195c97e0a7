-- The audit rows about one envelope of the tenant: see worker_api.read_envelope_audit. Security definer: under
-- row-level security PostgreSQL would not use the index on `payload ->> 'envelope_id'`, because the operator is not
-- leakproof.
-- call: replica
create or replace function tenant_api.read_envelope_audit(envelope uuid, max_rows integer)
returns jsonb language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select worker_api.read_envelope_audit(
    app_private.acting_tenant('owner', 'reviewer', 'member', 'agent'), envelope, max_rows
  )
$$;
revoke all on function tenant_api.read_envelope_audit from public;
grant execute on function tenant_api.read_envelope_audit to authenticated;
