-- Takes the core away again, with everything of ours in it. The role outbox_worker stays: other databases may use it.
-- Nothing here says cascade: what somebody built on it stops the rollback instead.
drop table if exists
  public.audit_log, public.approvals, public.outbox_dlq, public.outbox, public.tool_catalog,
  public.connected_accounts, public.guardrails, public.objectives, public.tenants;

do $$
declare
  ours text;
begin
  select string_agg(p.oid::regprocedure::text, ', ') into ours
  from pg_catalog.pg_proc as p
  where p.pronamespace in ('worker_api'::regnamespace, 'app_private'::regnamespace);
  if ours is not null then   -- in one statement, for some depend on others
    execute 'drop routine ' || ours;
  end if;
end
$$;

drop table if exists app_private.audit_heads, app_private.lanes, app_private.rate_buckets;
drop type if exists app_private.audit_entry, app_private.proposal, app_private.settlement;
drop schema worker_api, app_private;
