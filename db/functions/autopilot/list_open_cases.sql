-- The next cases of a dry-run that are not done, in their order, each with the texts of its ticket: at most 20,000
-- characters of the description and of the resolution. For workers.
-- call: repeatable
create or replace function autopilot.list_open_cases(tenant uuid, dry_run uuid, max_cases integer default 10)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'place', c.place, 'ticket_id', c.ticket_id, 'subject', c.subject, 'description', left(c.description, 20000),
    'requester', c.requester, 'resolution', left(c.resolution, 20000)
  ) order by c.place), '[]')
  from (
    select k.place, k.ticket_id, t.subject, t.description, t.requester, t.resolution
    from autopilot.dry_run_cases as k
    join autopilot.tickets as t on t.organization_id = k.organization_id and t.id = k.ticket_id
    where k.organization_id = list_open_cases.tenant and k.dry_run_id = list_open_cases.dry_run and k.done_at is null
    order by k.place
    limit least(max_cases, 100)
  ) as c
$$;
revoke all on function autopilot.list_open_cases from public;
grant execute on function autopilot.list_open_cases to service_role, app_rw;
