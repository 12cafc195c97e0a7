-- Raise PT400 with the name of the first text argument that is too long. The arguments are pairs: name, value, name,
-- value. Every function of worker_api that changes state first calls this function for its text arguments. In the
-- memory backend, services/backends/memory/check_texts.py does the same.
create or replace function app_private.check_texts(variadic named text[])
returns void language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  at_most integer;
begin
  for at in 1 .. cardinality(named) by 2 loop
    at_most := case when named[at] in ('reason', 'problem', 'error') then 16384 else 1024 end;
    if octet_length(named[at + 1]) > at_most then
      raise exception '%: is % bytes; at most % fit', named[at], octet_length(named[at + 1]), at_most
        using errcode = 'PT400';
    end if;
  end loop;
end
$$;
revoke all on function app_private.check_texts from public;
