-- Audit rows that belong to no change of state, appended to their tenants' chains.
create or replace function worker_api.append_audit(entries jsonb, as_of timestamptz default null)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  entry record;
begin
  for entry in   -- chain heads in one order, as everywhere
    select e.*
    from jsonb_array_elements(entries) with ordinality as given (row, position)
    cross join lateral jsonb_to_record(given.row)
      as e (tenant_id uuid, actor_type text, actor_id text, category text, payload jsonb)
    order by e.tenant_id, given.position
  loop
    perform app_private.append_audit(
      array[entry.tenant_id], entry.actor_type, entry.actor_id, array[entry.category], array[entry.payload],
      coalesce(as_of, now())
    );
  end loop;
end
$$;
revoke all on function worker_api.append_audit from public;
grant execute on function worker_api.append_audit to service_role, app_rw;
