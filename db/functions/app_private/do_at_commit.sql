-- Stage changes for the commit of this transaction: lanes to wake, audit rows to append, and held envelopes to judge
-- again (of `held_tenant`, held by the guardrails `held_by`). The arrays are those of app_private.do_now. `as_of` is
-- the time at which the caller acts.
-- Why at commit: these changes lock rows that all workers, people and agents of a tenant share. Made at the end of the
-- transaction, they hold the locks for a short time only, even if the transaction has been open for long.
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
    do_at_commit.actor_type, do_at_commit.actor_id, do_at_commit.categories,
    app_private.add_door(do_at_commit.payloads, current_setting('app.door', true)), do_at_commit.made_at
  );
end
$$;
revoke all on function app_private.do_at_commit from public;
