-- Ask that a failure is processed again. A record of a connection is read again by the next sync, which starts within
-- seconds; a message of one of our queues is processed again from its payload. If it fails again, the failure stays,
-- with the new reason. For owners and reviewers. Raises PT404, PT403, and PT409 if the failure was redriven or
-- dismissed before, or if it cannot be processed again: its record has no number, its connection was deleted or
-- disabled, or its message was not kept. Returns the failure.
-- call: repeatable
create or replace function autopilot.redrive_failure(
  failure uuid, tenant uuid default null, actor_type text default 'operator', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  asked autopilot.message_processing_failures;
  connection autopilot.data_source_connections;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  asked := autopilot.lock_failure(caller.tenant_id, failure);
  if asked.source in ('data_source_status', 'cluster_notification', 'enrichment_notification') then
    if asked.payload is null then
      raise exception 'failure: its message was not kept; dismiss it' using errcode = 'PT409';
    end if;
  else
    select * into connection from autopilot.data_source_connections as c
    where c.organization_id = caller.tenant_id and c.id::text = asked.source;
    if not found then
      raise exception 'failure: nothing here reads records of % again; dismiss it', asked.source using errcode = 'PT409';
    elsif not connection.is_enabled then
      raise exception 'failure: its connection is disabled; enable it first' using errcode = 'PT409';
    elsif asked.external_id is null then
      raise exception 'failure: its record has no number; correct the record in the ticket system, then let the connection start over'
        using errcode = 'PT409';
    end if;
  end if;
  if asked.redrive_requested_at is null then
    update autopilot.message_processing_failures as f
    set redrive_requested_at = moment, redrive_requested_by = coalesce(caller.actor_id, 'unnamed')
    where f.organization_id = asked.organization_id and f.id = asked.id
    returning f.* into asked;
    perform autopilot.add_audit(
      asked.organization_id, caller.actor_type, caller.actor_id, 'failure.redrive_requested',
      jsonb_build_object('failure_id', asked.id, 'code', asked.code), moment
    );
  end if;
  return to_jsonb(asked);
end
$$;
revoke all on function autopilot.redrive_failure from public;
grant execute on function autopilot.redrive_failure to authenticated, service_role, app_rw;
