-- Store a failure for each of the `problems`: records of a batch that could not be read or stored. A record that failed
-- before for the same reason is not added again. Failures of earlier batches end when their ticket comes without a
-- problem. Returns how many records of this batch failed.
-- call: internal
create or replace function autopilot.keep_failures(
  run autopilot.ingestion_runs, tickets jsonb, problems jsonb, moment timestamptz
)
returns integer
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  own_source constant text := (run).data_source_connection_id::text;
  failed integer;
begin
  with found as (
    select
      left(p.external_id, 1024) as external_id,
      case when p.code ~ '^[a-z][a-z0-9_]{0,63}$' then p.code else 'record_invalid' end as code,
      left(coalesce(p.detail, ''), 4000) as detail,
      case when octet_length(p.payload::text) <= 65536 then p.payload end as payload
    from jsonb_to_recordset(problems) as p (external_id text, code text, detail text, payload jsonb)
  ), added as (
    insert into autopilot.message_processing_failures (
      organization_id, source, run_id, external_id, code, detail, payload, created_at
    )
    select distinct on (f.external_id, f.code, f.detail)
      (run).organization_id, own_source, (run).id, f.external_id, f.code, f.detail, f.payload, moment
    from found as f
    where not exists (
      select from autopilot.message_processing_failures as o
      where o.organization_id = (run).organization_id and o.source = own_source and o.redriven_at is null
        and (left(o.external_id, 255) = left(f.external_id, 255) or o.external_id is null and f.external_id is null)
        and o.external_id is not distinct from f.external_id and o.code = f.code and o.detail = f.detail
    )
  ), ended as (
    update autopilot.message_processing_failures as o
    set redriven_at = moment
    where o.organization_id = (run).organization_id and o.source = own_source and o.redriven_at is null
      and left(o.external_id, 255) = any (array(
        select left(e.ticket ->> 'external_id', 255) from jsonb_array_elements(tickets) as e (ticket)
        where not exists (select from found as f where f.external_id = e.ticket ->> 'external_id')
      ))
  )
  select count(*) into failed from found;
  return failed;
end
$$;
revoke all on function autopilot.keep_failures from public;
