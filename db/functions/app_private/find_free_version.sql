-- A name for a new version of a tool, which no catalog entry of the tool has yet. `wanted` is the provider's name. If
-- that is taken, a number is appended (`+2`). If the provider names no version (`wanted` is ''), the result is the next
-- number.
create or replace function app_private.find_free_version(tenant uuid, tool_slug text, wanted text)
returns text language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  n integer := 1;
  name text;
begin
  loop
    name := case when wanted = '' then n::text when n = 1 then wanted else format('%s+%s', wanted, n) end;
    exit when not exists (
      select from public.tool_catalog as c
      where c.tenant_id = find_free_version.tenant and c.tool_slug = find_free_version.tool_slug and c.version = name
    );
    n := n + 1;
  end loop;
  return name;
end
$$;
revoke all on function app_private.find_free_version from public;
