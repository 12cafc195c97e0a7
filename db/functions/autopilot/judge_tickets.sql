-- Record verdicts about up to 100 tickets of one cluster, as a person saw them: `verdicts` is a list of {ticket_id,
-- verdict} with `trusted`, `wrong`, or null to remove a verdict. A ticket is skipped if it does not exist, if it is in
-- another cluster, or if somebody else has judged it differently meanwhile. For owners and reviewers. Raises PT404,
-- PT403, PT400. Returns {cluster, judged, skipped}: the cluster after the change, the ids of the judged tickets, and
-- for each skipped ticket {ticket_id, problem}.
-- call: repeatable
create or replace function autopilot.judge_tickets(
  cluster uuid, verdicts jsonb, tenant uuid default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  locked autopilot.clusters;
  given uuid[];
  said text[];
  taken jsonb;
  judged uuid[];
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if jsonb_typeof(verdicts) is distinct from 'array' or jsonb_array_length(verdicts) not between 1 and 100 then
    raise exception 'verdicts: must be a list of 1 to 100' using errcode = 'PT400';
  elsif exists (
    select from jsonb_array_elements(verdicts) as e (one)
    where jsonb_typeof(e.one) <> 'object'
      or coalesce(e.one ->> 'ticket_id', '') !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
  ) then
    raise exception 'verdicts: each needs a ticket_id' using errcode = 'PT400';
  elsif exists (
    select from jsonb_array_elements(verdicts) as e (one) where e.one ->> 'verdict' not in ('trusted', 'wrong')
  ) then
    raise exception 'verdicts: a verdict must be trusted, wrong or null' using errcode = 'PT400';
  end if;
  select array_agg((e.one ->> 'ticket_id')::uuid order by e.place), array_agg(e.one ->> 'verdict' order by e.place)
  into given, said
  from jsonb_array_elements(verdicts) with ordinality as e (one, place);
  if cardinality(given) > (select count(distinct g.id) from unnest(given) as g (id)) then
    raise exception 'verdicts: a ticket is named twice' using errcode = 'PT400';
  end if;
  locked := autopilot.lock_cluster(caller.tenant_id, cluster);
  -- Verdicts change only under the lock of the cluster.
  select coalesce(jsonb_object_agg(t.id, t.verdict_by || ' judged it as ' || t.verdict || ' meanwhile'), '{}')
  into taken
  from unnest(given, said) as g (id, verdict)
  join autopilot.tickets as t on t.organization_id = caller.tenant_id and t.id = g.id and t.cluster_id = locked.id
  where t.verdict_lineage_id = locked.lineage_id and t.verdict is distinct from g.verdict
    and t.verdict_by is distinct from coalesce(caller.actor_id, 'unnamed');
  judged := autopilot.save_verdicts(
    locked, array(select g.id from unnest(given) with ordinality as g (id, place) where not taken ? g.id::text order by g.place),
    array(
      select g.verdict from unnest(given, said) with ordinality as g (id, verdict, place)
      where not taken ? g.id::text order by g.place
    ), caller.actor_type, caller.actor_id, moment, judge_tickets.as_of
  );
  if judged <> '{}' then
    perform autopilot.add_audit(
      caller.tenant_id, caller.actor_type, caller.actor_id, 'tickets.judged', jsonb_build_object(
        'cluster_id', locked.id, 'verdicts', (
          select jsonb_object_agg(g.id, coalesce(g.verdict, 'removed')) from unnest(given, said) as g (id, verdict)
          where g.id = any (judged)
        )
      ), moment
    );
  end if;
  return jsonb_build_object(
    'cluster', (
      select to_jsonb(c) from autopilot.clusters as c where c.organization_id = caller.tenant_id and c.id = locked.id
    ), 'judged', (
      select coalesce(jsonb_agg(g.id order by g.place), '[]') from unnest(given) with ordinality as g (id, place)
      where g.id = any (judged)
    ), 'skipped', (
      select coalesce(jsonb_agg(jsonb_build_object('ticket_id', g.id, 'problem', coalesce(
        taken ->> g.id::text, case when t.id is null then 'no ticket ' || g.id else 'it is in another cluster' end
      )) order by g.place), '[]')
      from unnest(given) with ordinality as g (id, place)
      left join autopilot.tickets as t on t.organization_id = caller.tenant_id and t.id = g.id
      where g.id <> all (judged)
    )
  );
end
$$;
revoke all on function autopilot.judge_tickets from public;
grant execute on function autopilot.judge_tickets to authenticated, service_role, app_rw;
