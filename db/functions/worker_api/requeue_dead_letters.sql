-- Give dead letters back to the queue with a clean count of attempts; says who asked. The oldest first, of one tenant
-- or of all, or just the ones named. One whose effect may have happened goes back only when it is named. Guardrails judge
-- them anew, and an approval given before does not count. One whose deadline has passed stays; named, it is a conflict
-- (PT409).
create or replace function worker_api.requeue_dead_letters(
  tenant uuid, envelopes uuid[], max_envelopes integer, actor_id text, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz := coalesce(as_of, now());
  back public.outbox[];
  late public.outbox_dlq;
begin
  select d.* into late from public.outbox_dlq as d
  where (requeue_dead_letters.tenant is null or d.tenant_id = requeue_dead_letters.tenant)
    and d.id = any (envelopes) and d.must_run_before <= moment
  limit 1;
  if found then
    raise exception 'envelope: % was to run before %, which has passed; propose it anew', late.id, late.must_run_before
      using errcode = 'PT409';
  end if;

  with revived as (
    delete from public.outbox_dlq as d
    where (d.tenant_id, d.id) in (
      select old.tenant_id, old.id from public.outbox_dlq as old
      where (requeue_dead_letters.tenant is null or old.tenant_id = requeue_dead_letters.tenant)
        and case when envelopes is null then not old.doubtful else old.id = any (envelopes) end
        and (old.must_run_before is null or old.must_run_before > moment)
      order by old.moved_at, old.id
      limit max_envelopes
      for update skip locked
    )
    returning d.*
  ), queued as (
    insert into public.outbox as o (
      id, tenant_id, tool_slug, tool_version, arguments, connected_account_id, risk, external_id, trust_context,
      metadata, status, next_run_at, last_error, lane, verdicts, must_run_before, created_at, updated_at
    )
    select
      r.id, r.tenant_id, r.tool_slug, r.tool_version, r.arguments, r.connected_account_id, r.risk, r.external_id,
      r.trust_context, r.metadata, 'pending', moment, r.last_error, r.lane, r.verdicts, r.must_run_before, r.created_at, moment
    from revived as r
    returning o.*
  )
  select array_agg(q order by q.created_at, q.id) into back from queued as q;
  if back is null then
    return '[]';
  end if;

  perform app_private.wake_lanes(array_agg(b.tenant_id), array_agg(b.lane), array_agg(b.next_run_at))
  from unnest(back) as b;
  perform app_private.append_audit(
    array_agg(b.tenant_id), 'operator', actor_id, array_agg('envelope.requeued'::text),
    array_agg(app_private.envelope_event(b.id, b.external_id, b.tool_slug, '{}')), moment
  )
  from unnest(back) as b;
  perform app_private.notify_workers();

  return to_jsonb(back);
end
$$;
revoke all on function worker_api.requeue_dead_letters from public;
grant execute on function worker_api.requeue_dead_letters to service_role, app_rw;
