-- The roles and schemas of a new hosted Supabase project before its first migration. Run once, by the superuser, in
-- single-user mode, where a statement ends with a semicolon and an empty line. The API roles get no default grants in
-- schema public: since 2026 every migration grants what it needs.

create role postgres login nosuperuser bypassrls createrole createdb password ':postgres_password';

create role anon nologin;

create role authenticated nologin;

create role service_role nologin bypassrls;

create role authenticator login noinherit password ':authenticator_password';

create role supabase_auth_admin nologin noinherit;

grant anon, authenticated, service_role to authenticator;

grant anon, authenticated, service_role to postgres;

grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;

alter role anon set statement_timeout = '3s';

alter role authenticated set statement_timeout = '8s';

alter role authenticator set statement_timeout = '8s';

alter database postgres owner to postgres;

grant usage on schema public to postgres, anon, authenticated, service_role;

create schema extensions authorization postgres;

grant usage on schema extensions to anon, authenticated, service_role;

create schema auth authorization supabase_admin;

grant usage on schema auth to anon, authenticated, service_role, postgres, supabase_auth_admin;

create function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  )::uuid
$$;

create function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
  )::text
$$;

create function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

