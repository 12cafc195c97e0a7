-- Append audit rows about something that changes no state. They are appended when this transaction commits. `entries`
-- is a list of {tenant_id, actor_type, actor_id, category, payload, door}.
-- call: not repeatable
create or replace function worker_api.append_audit(entries jsonb, as_of timestamptz default null)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  entry record;
begin
  for entry in
    select e.*
    from jsonb_array_elements(entries) with ordinality as listed (row, position)
    cross join lateral jsonb_to_record(listed.row)
      as e (tenant_id uuid, actor_type text, actor_id text, category text, payload jsonb, door text)
    order by listed.position
  loop
    perform set_config('app.door', coalesce(entry.door, ''), true);
    perform app_private.do_at_commit(
      as_of, audited_tenants => array[entry.tenant_id], actor_type => entry.actor_type, actor_id => entry.actor_id,
      categories => array[entry.category], payloads => array[entry.payload], made_at => coalesce(as_of, now())
    );
  end loop;
end
$$;
revoke all on function worker_api.append_audit from public;
grant execute on function worker_api.append_audit to service_role, app_rw;
