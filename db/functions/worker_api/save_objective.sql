-- Insert or update an objective that a tenant's agents work towards. If `replaces` is given and the stored objective
-- differs from it, nothing is written and PT409 is raised.
-- call: not repeatable
create or replace function worker_api.save_objective(
  objective jsonb, actor_id text, as_of timestamptz default null,
  actor_type text default 'operator', door text default null, replaces jsonb default null
)
returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
begin
  perform app_private.check_texts(
    'actor_type', save_objective.actor_type, 'actor_id', save_objective.actor_id, 'door', save_objective.door
  );
  perform app_private.act_as(actor_type, actor_id, as_of, door);
  if replaces is not null then
    perform from public.objectives as o, jsonb_populate_record(null::public.objectives, objective) as new,
      jsonb_populate_record(null::public.objectives, replaces) as old
    where o.tenant_id = new.tenant_id and o.id = new.id
      and (o.title, o.metric, o.target, o.horizon, o.summary)
        is not distinct from (old.title, old.metric, old.target, old.horizon, old.summary)
    for update of o;
    if not found then
      raise exception 'objective: has changed since you read it; read it again' using errcode = 'PT409';
    end if;
  end if;
  insert into public.objectives (id, tenant_id, title, metric, target, horizon, summary)
  select o.id, o.tenant_id, o.title, o.metric, o.target, o.horizon, o.summary
  from jsonb_populate_record(null::public.objectives, objective) as o
  on conflict (tenant_id, id) do update
  set title = excluded.title, metric = excluded.metric, target = excluded.target, horizon = excluded.horizon,
      summary = excluded.summary, updated_at = coalesce(as_of, now());
end
$$;
revoke all on function worker_api.save_objective from public;
grant execute on function worker_api.save_objective to service_role, app_rw;
