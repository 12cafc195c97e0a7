-- Store a trained model that is not active yet. `model` has {external_model_id, model_name, training_start_date,
-- training_end_date, metadata}. Each of `clusters` has {name, subcluster_name, lineage_id, centroid (base64), floor,
-- cohesion, examples, predecessors: a list of {lineage_id, kind, shared_tickets}}. A cluster that continues a cluster
-- of the previous model has its `lineage_id`; a cluster without `lineage_id` gets a new one. A model with the same id
-- that was never active is replaced: a worker that was stopped left it. For workers. Raises PT400, PT404, and PT409 if
-- the model is stored already. Returns {model, clusters: their ids, in the order given}.
-- call: not repeatable
create or replace function autopilot.store_model(
  tenant uuid, model jsonb, clusters jsonb, actor_type text default 'system', actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  stored autopilot.ml_models;
  cluster_ids uuid[];
begin
  perform app_private.act_by(store_model.actor_type, store_model.actor_id, store_model.door);
  if not exists (select from public.tenants as t where t.id = tenant) then
    raise exception 'tenant_id: no tenant %', tenant using errcode = 'PT404';
  elsif jsonb_typeof(clusters) is distinct from 'array' or jsonb_array_length(clusters) not between 1 and 10000 then
    raise exception 'clusters: must be a list of 1 to 10000' using errcode = 'PT400';
  elsif coalesce(model ->> 'external_model_id', '') = '' or coalesce(model ->> 'model_name', '') = '' then
    raise exception 'model: needs external_model_id and model_name' using errcode = 'PT400';
  end if;
  delete from autopilot.ml_models as m
  where m.organization_id = tenant and m.external_model_id = store_model.model ->> 'external_model_id'
    and not m.active and m.activated_at is null;
  insert into autopilot.ml_models (
    organization_id, external_model_id, model_name, training_start_date, training_end_date, metadata, created_at,
    updated_at
  )
  values (
    tenant, model ->> 'external_model_id', model ->> 'model_name', (model ->> 'training_start_date')::date,
    (model ->> 'training_end_date')::date, coalesce(model -> 'metadata', '{}'), moment, moment
  )
  on conflict on constraint uq_ml_models_external_id_org do nothing
  returning * into stored;
  if not found then
    raise exception 'model: % is stored already', model ->> 'external_model_id' using errcode = 'PT409';
  end if;

  cluster_ids := array(select gen_random_uuid() from jsonb_array_elements(clusters));
  insert into autopilot.clusters (
    organization_id, id, model_id, name, subcluster_name, lineage_id, examples, validation_target, created_at, updated_at
  )
  select
    tenant, cluster_ids[e.place], stored.id, e.cluster ->> 'name', e.cluster ->> 'subcluster_name',
    coalesce((e.cluster ->> 'lineage_id')::uuid, gen_random_uuid()), coalesce(e.cluster -> 'examples', '[]'),
    (autopilot.settings_of(tenant)).validation_target, moment, moment
  from jsonb_array_elements(clusters) with ordinality as e (cluster, place);
  insert into autopilot.cluster_centroids (organization_id, cluster_id, centroid, floor, cohesion, created_at)
  select
    tenant, cluster_ids[e.place], decode(e.cluster ->> 'centroid', 'base64'), (e.cluster ->> 'floor')::double precision,
    (e.cluster ->> 'cohesion')::double precision, moment
  from jsonb_array_elements(clusters) with ordinality as e (cluster, place);
  insert into autopilot.cluster_predecessors (
    organization_id, cluster_id, predecessor_lineage_id, kind, shared_tickets, created_at
  )
  select tenant, cluster_ids[e.place], p.lineage_id, p.kind, coalesce(p.shared_tickets, 0), moment
  from jsonb_array_elements(clusters) with ordinality as e (cluster, place)
  cross join lateral jsonb_to_recordset(coalesce(e.cluster -> 'predecessors', '[]'))
    as p (lineage_id uuid, kind text, shared_tickets integer);
  perform autopilot.add_audit(
    tenant, store_model.actor_type, store_model.actor_id, 'model.stored', jsonb_build_object(
      'model_id', stored.id, 'clusters', cardinality(cluster_ids)
    ), moment
  );
  return jsonb_build_object('model', to_jsonb(stored), 'clusters', to_jsonb(cluster_ids));
end
$$;
revoke all on function autopilot.store_model from public;
grant execute on function autopilot.store_model to service_role, app_rw;
