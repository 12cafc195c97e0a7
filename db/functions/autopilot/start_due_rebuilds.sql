-- Start a training for each tenant that needs one, or only for `tenant`. A training is needed if there are enough
-- tickets and no active model, or if at least 50 tickets, and a tenth of all, are in no cluster. It starts at most once
-- a day; while there is no model, at most once an hour. A tenant whose workflow trains is left out. For workers.
-- Returns {started}: how many.
-- call: not repeatable
create or replace function autopilot.start_due_rebuilds(
  tenant uuid default null, actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  due record;
  started integer := 0;
begin
  perform app_private.act_by('system', start_due_rebuilds.actor_id, start_due_rebuilds.door);
  for due in
    select n.organization_id from (
      select
        c.organization_id, sum(c.tickets) as tickets,
        coalesce(sum(c.tickets) filter (where c.cluster_id is null), 0) as unclassified
      from autopilot.ticket_counts as c
      where start_due_rebuilds.tenant is null or c.organization_id = start_due_rebuilds.tenant
      group by c.organization_id
    ) as n
    cross join lateral autopilot.settings_of(n.organization_id) as s
    left join autopilot.ml_models as m on m.organization_id = n.organization_id and m.active
    where n.tickets >= s.needed_tickets and s.sync_tool_slug is null
      and (m.id is null or n.unclassified >= 50 and n.unclassified * 10 >= n.tickets and exists (
        select from autopilot.clusters as c
        join autopilot.cluster_centroids as k on k.organization_id = c.organization_id and k.cluster_id = c.id
        where c.organization_id = m.organization_id and c.model_id = m.id
      ))
      and not exists (
        select from autopilot.ingestion_runs as r
        where r.organization_id = n.organization_id and r.kind = 'rebuild_model' and (
          r.status in ('pending', 'running')
          or r.created_at > moment - case when m.id is null then interval '1 hour' else interval '1 day' end
        )
      )
    order by n.organization_id
  loop
    perform pg_advisory_xact_lock(hashtextextended(due.organization_id::text, 65));
    if not exists (
      select from autopilot.ingestion_runs as r
      where r.organization_id = due.organization_id and r.kind = 'rebuild_model' and r.status in ('pending', 'running')
    ) then
      perform autopilot.add_run(
        due.organization_id, null, 'rebuild_model', 'system', coalesce(start_due_rebuilds.actor_id, 'unnamed'),
        start_due_rebuilds.as_of
      );
      started := started + 1;
    end if;
  end loop;
  return jsonb_build_object('started', started);
end
$$;
revoke all on function autopilot.start_due_rebuilds from public;
grant execute on function autopilot.start_due_rebuilds to service_role, app_rw;
