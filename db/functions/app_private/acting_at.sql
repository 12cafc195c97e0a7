-- The time at which this transaction acts, for triggers. An operator may set the time with act_as; otherwise it is
-- now(). In a tenant's own session it is always now(), because tenants cannot choose the time.
create or replace function app_private.acting_at()
returns timestamptz language sql stable set search_path = pg_catalog, pg_temp as $$
  select case
    when nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id' is not null then now()
    else coalesce(nullif(current_setting('app.as_of', true), '')::timestamptz, now())
  end
$$;
revoke all on function app_private.acting_at from public;
