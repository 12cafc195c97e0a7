-- Record what became of automatic responses: `news` is a list of {envelope_id, state, problem, at, is_rejected}, each
-- envelope once. The daily figures of tickets that were answered are computed again. If people rejected a response, its
-- cluster is demoted. Returns how many responses changed.
-- call: internal
create or replace function autopilot.settle_responses(
  organization uuid, news jsonb, moment timestamptz, as_of timestamptz
)
returns integer
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  kin autopilot.clusters;
  changed jsonb;
  declined record;
begin
  -- Clusters are locked before tickets, as everywhere.
  for kin in
    select c.* from autopilot.clusters as c
    join autopilot.ml_models as m on m.organization_id = c.organization_id and m.id = c.model_id and m.active
    where c.organization_id = organization and c.lineage_id in (
      select r.lineage_id
      from jsonb_to_recordset(news) as n (envelope_id uuid, is_rejected boolean)
      join autopilot.tickets as t on t.organization_id = organization and t.response_envelope_id = n.envelope_id
      join autopilot.responses as r on r.organization_id = t.organization_id and r.ticket_id = t.id
      where n.is_rejected
    )
    order by c.id for no key update of c
  loop
    select t.id into declined
    from jsonb_to_recordset(news) as n (envelope_id uuid, is_rejected boolean)
    join autopilot.tickets as t on t.organization_id = organization and t.response_envelope_id = n.envelope_id
    join autopilot.responses as r on r.organization_id = t.organization_id and r.ticket_id = t.id
    where n.is_rejected and r.lineage_id = kin.lineage_id
    order by t.id limit 1;
    perform autopilot.demote_cluster(kin, 'response_rejected', declined.id, 'system', 'ticket_settlements', moment, as_of);
  end loop;
  with updated as (
    update autopilot.tickets as t set response_state = n.state
    from jsonb_to_recordset(news) as n (envelope_id uuid, state text)
    where t.organization_id = organization and t.response_envelope_id = n.envelope_id and t.response_state <> n.state
    returning t.id, t.cluster_id, t.response_envelope_id, t.response_state,
      (coalesce(t.source_created_at, t.created_at) at time zone 'UTC')::date as day
  ), noted as (
    update autopilot.responses as r
    set
      state = n.state, reason = case when n.state not in ('sent', 'queued') then left(n.problem, 1000) end,
      settled_at = case when n.state <> 'queued' then n.at end
    from updated as u
    join jsonb_to_recordset(news) as n (envelope_id uuid, state text, problem text, at timestamptz)
      on n.envelope_id = u.response_envelope_id
    where r.organization_id = organization and r.ticket_id = u.id
  )
  select jsonb_agg(to_jsonb(u) order by u.id) into changed from updated as u;
  if changed is null then
    return 0;
  end if;
  perform autopilot.count_days(
    organization, array_agg(u.cluster_id), array_agg(u.day)
  )
  from jsonb_to_recordset(changed) as u (cluster_id uuid, day date) where u.cluster_id is not null;
  perform app_private.do_at_commit(
    moment, audited_tenants => array_fill(organization, array[jsonb_array_length(changed)]), actor_type => 'system',
    actor_id => 'ticket_settlements',
    categories => array(select 'response.' || (u.one ->> 'response_state') from jsonb_array_elements(changed) as u (one)),
    payloads => array(
      select jsonb_build_object('ticket_id', u.one ->> 'id', 'envelope_id', u.one ->> 'response_envelope_id')
      from jsonb_array_elements(changed) as u (one)
    ), made_at => moment
  );
  return jsonb_array_length(changed);
end
$$;
revoke all on function autopilot.settle_responses from public;
