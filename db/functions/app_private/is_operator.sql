-- Whether an operator called the outermost function. An operator is a database role with the rights of `service_role`
-- or `app_rw` that does not act as a tenant's user. Every other caller is identified by the JWT alone.
create or replace function app_private.is_operator()
returns boolean language sql stable set search_path = pg_catalog, pg_temp as $$
  select caller.name not in ('authenticated', 'anon')
    and coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role', '')
      not in ('authenticated', 'anon')
    and (pg_has_role(caller.name, 'service_role', 'usage') or pg_has_role(caller.name, 'app_rw', 'usage'))
  -- the setting `role` names the caller even within a function that runs as its owner
  from (select coalesce(nullif(current_setting('role'), 'none'), session_user)::name as name) as caller
$$;
revoke all on function app_private.is_operator from public;
