-- Raise PT400 if the options of a connection are not a JSON object, or if an option has a name like that of a secret.
-- Credentials are never stored in rows: the operator sets them in ACP_AUTOPILOT_LOGINS.
-- call: internal
create or replace function autopilot.check_options(options jsonb)
returns void
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  secret text;
begin
  if jsonb_typeof(options) is distinct from 'object' then
    raise exception 'options: must be a JSON object' using errcode = 'PT400';
  end if;
  select o.key into secret from jsonb_object_keys(options) as o (key)
  where o.key ~* 'password|secret|token|api_?key|authorization|credential'
  order by 1 limit 1;
  if found then
    raise exception 'options.%: looks like a secret; put credentials into the settings of the installation', secret
      using errcode = 'PT400';
  end if;
end
$$;
revoke all on function autopilot.check_options from public;
