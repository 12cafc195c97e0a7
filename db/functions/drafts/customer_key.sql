-- A customer's address as conversations store it. Raises PT400 if the address is missing or too long.
-- call: internal
create or replace function drafts.customer_key(customer text)
returns text language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  if coalesce(btrim(customer), '') = '' then
    raise exception 'customer: the e-mail address is required' using errcode = 'PT400';
  elsif length(btrim(customer)) > 320 then
    raise exception 'customer: an e-mail address has at most 320 characters' using errcode = 'PT400';
  end if;
  return lower(btrim(customer));
end
$$;
revoke all on function drafts.customer_key from public;
