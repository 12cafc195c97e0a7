-- The triggers call app_private.do_at_commit, so it must work without the functions dropped below.
create or replace function app_private.do_at_commit(
  as_of timestamptz,
  woken_tenants uuid[] default null, woken_lanes smallint[] default null, woken_moments timestamptz[] default null,
  woken_keys text[] default null, held_tenant uuid default null, held_by text[] default null,
  audited_tenants uuid[] default null, actor_type text default null, actor_id text default null,
  categories text[] default null, payloads jsonb[] default null, made_at timestamptz default null
)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  insert into app_private.staged_changes (
    is_first, as_of, woken_tenants, woken_lanes, woken_moments, woken_keys, held_tenant, held_by, audited_tenants,
    actor_type, actor_id, categories, payloads, made_at
  )
  values (
    not exists (select from app_private.staged_changes as c where c.xact = pg_current_xact_id()),
    nullif(do_at_commit.as_of, now()), do_at_commit.woken_tenants, do_at_commit.woken_lanes, do_at_commit.woken_moments,
    do_at_commit.woken_keys, do_at_commit.held_tenant, do_at_commit.held_by, do_at_commit.audited_tenants,
    do_at_commit.actor_type, do_at_commit.actor_id, do_at_commit.categories, do_at_commit.payloads, do_at_commit.made_at
  );
end
$$;

drop function if exists app_private.act_as, app_private.through_door;
drop function if exists worker_api.cancel, worker_api.check_account, worker_api.decide_approval,
  worker_api.decide_tool, worker_api.enqueue, worker_api.expire_approvals, worker_api.expire_envelopes,
  worker_api.forget_settled, worker_api.note_scan, worker_api.pause_tenant, worker_api.requeue_dead_letters,
  worker_api.resolve_unknown, worker_api.resume_tenant, worker_api.save_account, worker_api.save_guardrails,
  worker_api.save_objective, worker_api.save_readings, worker_api.save_tenant, worker_api.save_tools,
  worker_api.sync_tools, worker_api.get_tenant;
