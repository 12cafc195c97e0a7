-- The time at which the calling function acts: `as_of` if it is given, else now(). For functions that both operators
-- and tenants may call. Only tests pass `as_of`. Raises PT403 if a tenant passes it.
create or replace function app_private.acting_moment(as_of timestamptz)
returns timestamptz language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if as_of is not null and not app_private.is_operator() then
    raise exception 'as_of: a tenant cannot choose it' using errcode = 'PT403';
  end if;
  return coalesce(as_of, now());
end
$$;
revoke all on function app_private.acting_moment from public;
