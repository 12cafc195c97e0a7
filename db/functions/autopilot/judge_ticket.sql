-- Record whether a person finds a ticket's cluster right: `trusted` or `wrong`. A null `verdict` removes the verdict. A
-- verdict counts in later models too, as long as the ticket is in the same cluster (the same `lineage_id`). If the
-- ticket was answered automatically and is wrong, the automatic response of its cluster is switched off. For owners and
-- reviewers. Raises PT404, PT403, PT400, and PT409 if the ticket is in no cluster of the active model. Returns the
-- ticket's cluster.
-- call: repeatable
create or replace function autopilot.judge_ticket(
  ticket uuid, tenant uuid default null, verdict text default null, actor_type text default 'operator',
  actor_id text default null, door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := app_private.acting_moment(as_of);
  caller record;
  cluster_of uuid;
  locked autopilot.clusters;
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner', 'reviewer');
  if judge_ticket.verdict not in ('trusted', 'wrong') then
    raise exception 'verdict: must be trusted or wrong' using errcode = 'PT400';
  end if;
  select t.cluster_id into cluster_of from autopilot.tickets as t
  where t.organization_id = caller.tenant_id and t.id = judge_ticket.ticket;
  if not found then
    raise exception 'ticket: no ticket %', ticket using errcode = 'PT404';
  elsif cluster_of is null then
    raise exception 'ticket: it is in no cluster' using errcode = 'PT409';
  end if;
  if not exists (
    select from autopilot.clusters as c
    join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
    where c.organization_id = caller.tenant_id and c.id = cluster_of
  ) then
    raise exception 'ticket: the model of its cluster is not active' using errcode = 'PT409';
  end if;
  locked := autopilot.lock_cluster(caller.tenant_id, cluster_of);
  if autopilot.save_verdicts(
    locked, array[judge_ticket.ticket], array[judge_ticket.verdict], caller.actor_type, caller.actor_id, moment,
    judge_ticket.as_of
  ) = '{}' then
    raise exception 'ticket: it moved to another cluster meanwhile' using errcode = 'PT409';
  end if;
  perform autopilot.add_audit(caller.tenant_id, caller.actor_type, caller.actor_id, 'ticket.judged', jsonb_build_object(
    'ticket_id', ticket, 'cluster_id', locked.id, 'verdict', judge_ticket.verdict
  ), moment);
  return (
    select to_jsonb(c) from autopilot.clusters as c where c.organization_id = caller.tenant_id and c.id = locked.id
  );
end
$$;
revoke all on function autopilot.judge_ticket from public;
grant execute on function autopilot.judge_ticket to authenticated, service_role, app_rw;
