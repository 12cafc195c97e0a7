-- A tenant's newest audit rows, the newest first; `before` continues a page below that seq.
create or replace function worker_api.tail_audit(tenant uuid, max_rows integer, before bigint default null)
returns setof jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select to_jsonb(a) || jsonb_build_object(
    'hash', encode(a.hash, 'hex'), 'previous_hash', encode(a.previous_hash, 'hex')
  )
  from public.audit_log as a
  where a.tenant_id = tail_audit.tenant and (before is null or a.seq < before)
  order by a.seq desc
  limit max_rows
$$;
revoke all on function worker_api.tail_audit from public;
grant execute on function worker_api.tail_audit to service_role, app_rw, app_ro;
