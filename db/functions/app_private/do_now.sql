-- Wake lanes and append audit rows immediately, not at commit. The rows stay locked until the transaction ends.
-- So call it only from app_private.apply_staged, or from functions after which the caller commits immediately.
-- The n-th elements of the `woken_` arrays are one lane, the time when the lane becomes due, and the ordering key of
-- the changed envelope (null for none). If the time is null, the lane is only locked.
create or replace function app_private.do_now(
  as_of timestamptz, woken_tenants uuid[], woken_lanes smallint[], woken_moments timestamptz[], woken_keys text[],
  audited_tenants uuid[], actor_type text, actor_id text, categories text[], payloads jsonb[], made_at timestamptz
)
returns void language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if woken_tenants is not null then
    perform app_private.wake_lanes(woken_tenants, woken_lanes, woken_moments, as_of);
    -- The envelopes that block the woken ones may have ended while this call waited for locks.
    if array_remove(woken_keys, null) <> '{}' then
      perform app_private.mark_waiting(woken_tenants, woken_lanes, woken_keys);
      perform app_private.wake_successors(woken_tenants, woken_keys, as_of);
    end if;
  end if;
  if audited_tenants is not null then
    perform app_private.append_audit(audited_tenants, actor_type, actor_id, categories, payloads, made_at);
  end if;
end
$$;
revoke all on function app_private.do_now from public;
