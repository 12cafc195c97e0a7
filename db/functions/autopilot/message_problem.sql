-- What is wrong with a message of one of the three queues. Returns {code, detail}; the detail names the field. Both are
-- null if nothing is wrong. The run or the cluster that the message names must be one of the organization's.
-- call: internal
create or replace function autopilot.message_problem(
  organization uuid, queue text, message jsonb, out code text, out detail text
)
language plpgsql stable set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  is_status constant boolean := queue = 'data_source_status';
  subject_field constant text := case when is_status then 'ingestion_run_id' else 'cluster_id' end;
  count_field constant text := case queue
    when 'data_source_status' then 'records_processed' when 'enrichment_notification' then 'articles_count' end;
  subject constant uuid := autopilot.message_subject(queue, message);
begin
  code := 'message_invalid';
  if jsonb_typeof(message) is distinct from 'object' then
    detail := 'it must be a JSON object';
  elsif lower(message ->> 'tenant_id') is distinct from organization::text then
    detail := 'tenant_id: it is not this tenant';
  elsif is_status and message ->> 'type' is distinct from 'ticket_ingestion' then
    detail := 'type: must be ticket_ingestion';
  elsif coalesce(message ->> 'type', '') !~ '^[a-z][a-z0-9_.-]{0,63}$' then
    detail := 'type: must be a word of at most 64 small letters, digits, "_", "." or "-"';
  elsif subject is null then
    detail := subject_field || ': must be a UUID';
  elsif is_status and coalesce(message ->> 'status', '')
    not in ('pending', 'running', 'completed', 'failed', 'cancelled') then
    detail := 'status: must be pending, running, completed, failed or cancelled';
  elsif is_status and (
    jsonb_typeof(message -> 'user_id') not in ('string', 'null') or length(message ->> 'user_id') > 255
  ) then
    detail := 'user_id: must be a text of at most 255 characters, or null';
  elsif queue = 'cluster_notification' and coalesce(message ->> 'action', '') !~ '^[a-z][a-z0-9_.-]{0,63}$' then
    detail := 'action: must be a word of at most 64 small letters, digits, "_", "." or "-"';
  elsif queue = 'enrichment_notification' and coalesce(message ->> 'kb_status', '') not in ('PENDING', 'FOUND', 'GAP') then
    detail := 'kb_status: must be PENDING, FOUND or GAP';
  elsif count_field is not null and (
    jsonb_typeof(message -> count_field) is distinct from 'number' or message ->> count_field !~ '^[0-9]{1,9}$'
  ) then
    detail := count_field || ': must be a whole number, from 0 to 999999999';
  elsif is_status and not exists (
    select from autopilot.ingestion_runs as r where r.organization_id = organization and r.id = subject
  ) then
    code := 'run_unknown';
    detail := format('ingestion_run_id: no run %s', subject);
  elsif not is_status and not exists (
    select from autopilot.clusters as c where c.organization_id = organization and c.id = subject
  ) then
    code := 'cluster_unknown';
    detail := format('cluster_id: no cluster %s', subject);
  else
    code := null;
  end if;
end
$$;
revoke all on function autopilot.message_problem from public;
