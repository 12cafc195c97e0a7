-- The caller of this transaction, in the form of the actor of an audit row: type, id and door. Type and id come from
-- the claims of the JWT, the door from the setting `app.door`, which the API sets. For a client that calls through
-- PostgREST the door is `sql`.
create or replace function app_private.acting_user(out actor_type text, out actor_id text, out door text)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select
    case when app_private.current_tenant_role() = 'agent' then 'agent' else 'user' end,
    left(coalesce(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub', 'unknown'), 255),
    coalesce(nullif(current_setting('app.door', true), ''), 'sql')
$$;
revoke all on function app_private.acting_user from public;
