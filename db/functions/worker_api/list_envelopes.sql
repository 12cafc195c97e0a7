-- The newest envelopes of the outbox; of one tenant and one status, or of all (null).
-- call: report
create or replace function worker_api.list_envelopes(tenant uuid, status text, max_envelopes integer)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(newest.envelope), '[]')
  from (
    select to_jsonb(o) || jsonb_build_object('verdicts', worker_api.verdicts_of(o)) as envelope
    from public.outbox as o
    where (list_envelopes.tenant is null or o.tenant_id = list_envelopes.tenant)
      and (list_envelopes.status is null or o.status = list_envelopes.status)
    order by o.created_at desc, o.id desc
    limit max_envelopes
  ) as newest
$$;
revoke all on function worker_api.list_envelopes from public;
grant execute on function worker_api.list_envelopes to service_role, app_rw, app_ro;
