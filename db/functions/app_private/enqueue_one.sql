-- A fast path of worker_api.enqueue: insert one envelope without ordering key and objective, and return the answer for
-- it. The caller commits as soon as the call returns. If the envelope exists already, or anything is wrong with it,
-- this function changes nothing and returns null. Then worker_api.enqueue continues with its general statements, which
-- report the error.
create or replace function app_private.enqueue_one(
  envelope uuid, tenant uuid, tool_slug text, tool_version text, arguments jsonb, connected_account_id text, risk text,
  external_id text, trust_context jsonb, metadata jsonb, next_run_at timestamptz, must_run_before timestamptz,
  actor_type text, actor_id text, door text, as_of timestamptz, moment timestamptz
)
returns json language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  due_at constant timestamptz := greatest(next_run_at, moment);
  new_lane smallint;
  payload constant jsonb :=
    jsonb_object(array['envelope_id', envelope::text, 'external_id', external_id, 'tool_slug', tool_slug]);
begin
  if metadata ? 'ordering_key' then
    return null;
  end if;
  insert into public.outbox as o (
    id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context, metadata,
    lane, next_run_at, must_run_before, proposed_by, created_at, updated_at
  )
  select
    envelope, tenant, enqueue_one.tool_slug, enqueue_one.tool_version, enqueue_one.arguments,
    enqueue_one.connected_account_id, enqueue_one.risk, enqueue_one.external_id, enqueue_one.trust_context,
    enqueue_one.metadata,
    case when t.lanes = 1 then 0 else app_private.lane_of(enqueue_one.external_id, t.lanes) end, due_at,
    enqueue_one.must_run_before, actor_type || ':' || actor_id, moment, moment
  from public.tenants as t
  where t.id = tenant and not exists (
    select from public.outbox_dlq as d where d.tenant_id = tenant and d.external_id = enqueue_one.external_id
  )
  on conflict do nothing
  returning o.lane into new_lane;
  if new_lane is null then
    return null;
  end if;
  -- A new statement sees what others committed while the insert waited for the key.
  if exists (
    select from public.outbox_dlq as d
    where d.tenant_id = tenant and (d.external_id = enqueue_one.external_id or d.id = envelope)
  ) then
    delete from public.outbox as o where o.tenant_id = tenant and o.id = envelope;
    return null;
  end if;

  perform app_private.wake_lanes(array[tenant], array[new_lane], array[due_at], coalesce(as_of, clock_timestamp()));
  perform app_private.append_audit(
    array[tenant], actor_type, actor_id, array['envelope.proposed'], array[case
      when door <> '' then payload || jsonb_build_object('door', door)
      else payload
    end], moment
  );
  perform app_private.notify_workers();
  return json_build_array(json_build_array(true, envelope, new_lane, due_at, moment));
end
$$;
revoke all on function app_private.enqueue_one from public;
