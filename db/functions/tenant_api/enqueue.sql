-- Put envelopes into the outbox, all or none: see worker_api.enqueue. For agents and owners.
-- call: repeatable, columns 3 deep
create or replace function tenant_api.enqueue(
  ids uuid[], tool_slugs text[], tool_versions text[], arguments jsonb[], connected_account_ids text[], risks text[],
  external_ids text[], trust_contexts jsonb[], metadata jsonb[], next_run_at timestamptz[],
  must_run_before timestamptz[] default null, objective_ids uuid[] default null, policy_stamp text default null,
  tool_stamps text[] default null
)
returns json language sql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
  select worker_api.enqueue(
    ids => enqueue.ids,
    tenants => array_fill(app_private.acting_tenant('agent', 'owner'), array[cardinality(enqueue.ids)]),
    tool_slugs => enqueue.tool_slugs, tool_versions => enqueue.tool_versions, arguments => enqueue.arguments,
    connected_account_ids => enqueue.connected_account_ids, risks => enqueue.risks,
    external_ids => enqueue.external_ids, trust_contexts => enqueue.trust_contexts, metadata => enqueue.metadata,
    next_run_at => enqueue.next_run_at, must_run_before => enqueue.must_run_before,
    objective_ids => enqueue.objective_ids, policy_stamp => enqueue.policy_stamp, tool_stamps => enqueue.tool_stamps,
    commits_at_once => true,   -- callers for a tenant (the API, PostgREST) commit as soon as the call returns
    actor_type => caller.actor_type, actor_id => caller.actor_id, door => caller.door
  )
  from app_private.acting_user() as caller
  where app_private.check_not_reserved(enqueue.tool_slugs, enqueue.metadata)
$$;
revoke all on function tenant_api.enqueue from public;
grant execute on function tenant_api.enqueue to authenticated;
