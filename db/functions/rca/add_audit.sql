-- Append an audit row of rca when the transaction commits. The calling function must have called acting_caller or act_by
-- before, because these record the door of the actor. Payloads hold names, counts and hashes, never the texts of
-- metadata.
-- call: internal
create or replace function rca.add_audit(
  tenant uuid, actor_type text, actor_id text, category text, payload jsonb, moment timestamptz
)
returns void
language sql set search_path = pg_catalog, pg_temp as $$
  select app_private.do_at_commit(
    moment, audited_tenants => array[tenant], actor_type => add_audit.actor_type,
    actor_id => coalesce(add_audit.actor_id, 'unnamed'), categories => array[add_audit.category],
    payloads => array[jsonb_strip_nulls(add_audit.payload)], made_at => moment
  )
$$;
revoke all on function rca.add_audit from public;
