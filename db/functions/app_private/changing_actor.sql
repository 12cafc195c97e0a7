-- The actor who changes a row, for triggers. In a tenant's session it is the subject of the JWT, which the tenant
-- cannot choose. Otherwise it is the actor that app_private.act_as set or, if none is set, the database role.
create or replace function app_private.changing_actor(out actor_type text, out actor_id text)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select
    case
      when claims ->> 'tenant_id' is not null then 'user'
      else coalesce(nullif(current_setting('app.actor_type', true), ''), 'system')
    end,
    case
      when claims ->> 'tenant_id' is not null then coalesce(claims ->> 'sub', 'unnamed')
      else coalesce(nullif(current_setting('app.actor_id', true), ''), session_user)
    end
  from (select nullif(current_setting('request.jwt.claims', true), '')::jsonb as claims) as jwt
$$;
revoke all on function app_private.changing_actor from public;
