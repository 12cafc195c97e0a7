-- Which tickets of a batch cannot be stored, and why. Returns for each such ticket its place in the batch (from 1), its
-- `external_id`, a code, and a detail: what is wrong.
-- call: internal
create or replace function autopilot.unfit_tickets(tickets jsonb)
returns table (place bigint, external_id text, code text, detail text)
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select e.place, left(e.ticket ->> 'external_id', 1024), split_part(p.problem, ': ', 1), split_part(p.problem, ': ', 2)
  from jsonb_array_elements(tickets) with ordinality as e (ticket, place)
  cross join lateral (
    select case
      when coalesce(e.ticket ->> 'external_id', '') = '' then 'external_id_missing: external_id is empty'
      when length(e.ticket ->> 'external_id') > 246 then 'external_id_too_long: external_id has more than 246 characters'
      when coalesce(e.ticket ->> 'subject', '') = '' then 'subject_missing: subject is empty'
      when coalesce(e.ticket ->> 'external_status', '') = '' then 'status_missing: external_status is empty'
      when jsonb_typeof(e.ticket -> 'source_metadata') is distinct from 'object'
        then 'record_invalid: source_metadata is no JSON object'
      when octet_length((e.ticket -> 'source_metadata')::text) > 1048576
        then 'record_too_large: source_metadata has more than 1 MiB'
      when octet_length((e.ticket - 'source_metadata')::text) > 1048576 then 'record_too_large: the texts have more than 1 MiB'
    end as problem
  ) as p
  where p.problem is not null
$$;
revoke all on function autopilot.unfit_tickets from public;
