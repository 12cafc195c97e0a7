-- Store one batch of a run, in one transaction: up to 1,000 tickets; up to 1,000 records that could not be read as
-- tickets (`problems`: a list of {external_id, code, detail, payload}); the daily figures that change; the cursor at
-- which the run continues; the run's progress; and the message `ticket_ingestion`. A ticket that cannot be stored
-- becomes a failure, and the others are stored. `batch` is the number of the batch in this run, from 1. If the last
-- batch is sent again, nothing changes. For the worker that holds the lease. Raises PT404, PT400, PT409. Returns
-- {stored, unchanged, failed, run}.
-- call: repeatable
create or replace function autopilot.store_tickets(
  tenant uuid, run uuid, lease_token integer, batch integer, tickets jsonb, problems jsonb default '[]',
  cursor jsonb default null, records_estimated integer default null, actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  locked autopilot.ingestion_runs;
  unfit jsonb;
  upserted record;
  failed integer;
begin
  perform app_private.act_by('system', store_tickets.actor_id, store_tickets.door);
  if jsonb_typeof(tickets) is distinct from 'array' or jsonb_array_length(tickets) > 1000 then
    raise exception 'tickets: must be a list of at most 1000' using errcode = 'PT400';
  elsif jsonb_typeof(problems) is distinct from 'array' or jsonb_array_length(problems) > 1000 then
    raise exception 'problems: must be a list of at most 1000' using errcode = 'PT400';
  end if;
  locked := autopilot.lock_leased(tenant, run, store_tickets.lease_token, moment);
  if batch = locked.batches then
    return jsonb_build_object('stored', 0, 'unchanged', 0, 'failed', 0, 'run', to_jsonb(locked));
  elsif batch is distinct from locked.batches + 1 then
    raise exception 'batch: must be %', locked.batches + 1 using errcode = 'PT400';
  elsif locked.data_source_connection_id is null then
    raise exception 'run: its connection was deleted' using errcode = 'PT409';
  end if;
  -- Two connections of an organization may send one number: they take turns.
  perform pg_advisory_xact_lock(hashtextextended(tenant::text, 66));

  unfit := (select coalesce(jsonb_agg(to_jsonb(u)), '[]') from autopilot.unfit_tickets(tickets) as u);
  failed := autopilot.keep_failures(locked, tickets, problems || unfit, moment);
  select * into upserted
  from autopilot.upsert_tickets(
    tenant, locked.data_source_connection_id, tickets,
    array(select (u.one -> 'place')::bigint from jsonb_array_elements(unfit) as u (one)), moment
  );
  if upserted.clusters is not null then
    perform autopilot.count_days(tenant, upserted.clusters, upserted.days);
  end if;
  update autopilot.ingestion_runs as r
  set
    records_processed = r.records_processed + upserted.given, records_failed = r.records_failed + failed,
    batches = batch, attempts = 0, cursor = coalesce(store_tickets.cursor, r.cursor),
    records_estimated = coalesce(store_tickets.records_estimated, r.records_estimated)
  where r.organization_id = locked.organization_id and r.id = locked.id
  returning r.* into locked;
  if upserted.written + failed > 0 then
    perform autopilot.add_audit(tenant, 'system', store_tickets.actor_id, 'tickets.stored', jsonb_build_object(
      'run_id', locked.id, 'batch', batch, 'stored', upserted.written,
      'unchanged', upserted.given - upserted.written, 'failed', failed
    ), moment);
  end if;
  perform autopilot.send_status(locked, 'system', store_tickets.actor_id, store_tickets.as_of);
  return jsonb_build_object(
    'stored', upserted.written, 'unchanged', upserted.given - upserted.written, 'failed', failed, 'run', to_jsonb(locked)
  );
end
$$;
revoke all on function autopilot.store_tickets from public;
grant execute on function autopilot.store_tickets to service_role, app_rw;
