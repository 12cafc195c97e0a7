-- Healthy accounts that no scan has read since they were linked; the account that has waited longest comes first. The
-- result has at most one account per tenant, so a tenant with many accounts does not delay the others. Accounts of
-- paused tenants are left out.
-- call: repeatable
create or replace function worker_api.accounts_to_scan(
  tenant uuid default null, max_rows integer default 100, as_of timestamptz default null
)
returns jsonb
language sql stable security definer set search_path = pg_catalog, pg_temp as $$
  select coalesce(jsonb_agg(to_jsonb(a) order by a.linked_at, a.id), '[]')
  from (
    select oldest.*
    from (
      select distinct on (account_row.tenant_id) account_row.*
      from public.connected_accounts as account_row
      where account_row.status in ('connected', 'expiring')
        and (account_row.scanned_at is null or account_row.scanned_at < account_row.linked_at)
        and (accounts_to_scan.tenant is null or account_row.tenant_id = accounts_to_scan.tenant)
        and not exists (
          select from public.tenants as t
          where t.id = account_row.tenant_id and t.paused_at is not null
            and (t.pause_ends_at is null or t.pause_ends_at > coalesce(as_of, now()))
        )
      order by account_row.tenant_id, account_row.linked_at, account_row.id
    ) as oldest
    order by oldest.linked_at, oldest.id
    limit max_rows
  ) as a
$$;
revoke all on function worker_api.accounts_to_scan from public;
grant execute on function worker_api.accounts_to_scan to service_role, app_rw;
