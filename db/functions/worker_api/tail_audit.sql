-- A tenant's newest audit rows, the newest first. With `before`, only rows with a smaller seq.
-- call: replica
create or replace function worker_api.tail_audit(tenant uuid, max_rows integer, before bigint default null)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(newest) || jsonb_build_object(
    'hash', encode(newest.hash, 'hex'), 'previous_hash', encode(newest.previous_hash, 'hex')
  )), '[]')
  from (
    select a.*
    from public.audit_log as a
    where a.tenant_id = tail_audit.tenant
      and a.seq <= coalesce(before, 9223372036854775807)   -- with this condition the index scan starts at the right row
      and (before is null or a.seq < before)
    order by a.seq desc
    limit max_rows
  ) as newest
$$;
revoke all on function worker_api.tail_audit from public;
grant execute on function worker_api.tail_audit to service_role, app_rw, app_ro, authenticated;
