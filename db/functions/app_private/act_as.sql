-- Set the actor, the door and the time for the rest of this transaction. The triggers on tenants, guardrails, accounts,
-- tools and objectives read these settings. app_private.do_at_commit adds the door to audit rows.
create or replace function app_private.act_as(
  actor_type text, actor_id text, as_of timestamptz default null, door text default null
)
returns void language sql set search_path = pg_catalog, pg_temp as $$
  select
    set_config('app.actor_type', act_as.actor_type, true),
    set_config('app.actor_id', act_as.actor_id, true),
    set_config('app.door', coalesce(act_as.door, ''), true),
    set_config('app.as_of', coalesce(act_as.as_of::text, ''), true)
$$;
revoke all on function app_private.act_as from public;
