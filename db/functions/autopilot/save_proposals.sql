-- Store what a training would change in the active model, for people to decide. Open proposals of earlier trainings are
-- replaced. Each of `proposals` has {kind, content: {sources: lineages, target: a lineage or null, name,
-- subcluster_name, overlap: tickets by lineage, examples: tickets, cohesion_before, cohesion_after}, tickets: ids}. A
-- proposal is left out if people rejected the same before: the same kind, sources and target, and at least four of five
-- of its tickets. A ticket that is no longer in one of the sources is left out of its proposal. For workers. Raises
-- PT404, and PT409 if the model is not the active one. Returns {saved}: how many.
-- call: not repeatable
create or replace function autopilot.save_proposals(
  tenant uuid, model uuid, proposals jsonb, actor_id text default null, door text default null,
  as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  is_active boolean;
  saved integer;
begin
  perform app_private.act_by('system', save_proposals.actor_id, save_proposals.door);
  perform pg_advisory_xact_lock(hashtextextended(tenant::text, 66));
  select m.active into is_active from autopilot.ml_models as m where m.organization_id = tenant and m.id = model;
  if not found then
    raise exception 'model: no model %', model using errcode = 'PT404';
  elsif not is_active then
    raise exception 'model: another one was activated meanwhile' using errcode = 'PT409';
  end if;
  delete from autopilot.cluster_proposals as p where p.organization_id = tenant and p.status = 'open';
  with given as (
    select
      gen_random_uuid() as id, g.place, g.proposal ->> 'kind' as kind, g.proposal -> 'content' as content,
      array(
        select t.id
        from jsonb_array_elements_text(g.proposal -> 'tickets') as i (id)
        join autopilot.tickets as t on t.organization_id = tenant and t.id = i.id::uuid
        left join autopilot.clusters as c on c.organization_id = tenant and c.id = t.cluster_id
        where g.proposal ->> 'kind' = 'new' or g.proposal -> 'content' -> 'sources' ? c.lineage_id::text
      ) as tickets
    from jsonb_array_elements(proposals) with ordinality as g (proposal, place)
  ), wanted as (
    select g.* from given as g
    where (g.kind = 'regroup' or cardinality(g.tickets) > 0) and not exists (
      select from autopilot.cluster_proposals as p
      where p.organization_id = tenant and p.status = 'rejected' and p.kind = g.kind
        and p.content -> 'sources' = g.content -> 'sources' and p.content -> 'target' = g.content -> 'target'
        and (g.kind <> 'regroup' or p.content ->> 'name' = g.content ->> 'name')
        and (
          select count(*) from autopilot.cluster_proposal_tickets as t
          where t.organization_id = tenant and t.proposal_id = p.id and t.ticket_id = any (g.tickets)
        ) >= 0.8 * cardinality(g.tickets)
    )
  ), stored as (
    insert into autopilot.cluster_proposals (organization_id, id, model_id, kind, content, created_at)
    select
      tenant, w.id, model, w.kind, w.content || jsonb_build_object('tickets', cardinality(w.tickets)),
      -- listed in the order given
      moment + w.place * interval '1 microsecond'
    from wanted as w
    returning id
  ), listed as (
    insert into autopilot.cluster_proposal_tickets (organization_id, proposal_id, ticket_id, lineage_id)
    select tenant, w.id, t.id, c.lineage_id
    from wanted as w
    join autopilot.tickets as t on t.organization_id = tenant and t.id = any (w.tickets)
    left join autopilot.clusters as c on c.organization_id = tenant and c.id = t.cluster_id
  )
  select count(*) into saved from stored;
  perform autopilot.add_audit(
    tenant, 'system', save_proposals.actor_id, 'cluster_proposals.stored',
    jsonb_build_object('model_id', model, 'proposals', saved), moment
  );
  return jsonb_build_object('saved', saved);
end
$$;
revoke all on function autopilot.save_proposals from public;
grant execute on function autopilot.save_proposals to service_role, app_rw;
