-- Delete evidence that no signal uses and that no scan has seen for `keep`: at most `max_rows` rows. Rows that another
-- transaction has locked are left for the next call. Returns how many were deleted.
-- call: repeatable
create or replace function worker_api.forget_evidence(
  keep interval, max_rows integer, as_of timestamptz default null
)
returns integer
language sql security definer set search_path = pg_catalog, pg_temp as $$
  with old as (
    select e.tenant_id, e.id from public.evidence as e
    where e.seen_at < coalesce(as_of, now()) - keep
      and not exists (select from public.signals as s where s.tenant_id = e.tenant_id and s.evidence_id = e.id)
    limit max_rows
    for update of e skip locked
  ), deleted as (
    delete from public.evidence as e using old where e.tenant_id = old.tenant_id and e.id = old.id returning 1
  )
  select count(*)::integer from deleted
$$;
revoke all on function worker_api.forget_evidence from public;
grant execute on function worker_api.forget_evidence to service_role, app_rw;
