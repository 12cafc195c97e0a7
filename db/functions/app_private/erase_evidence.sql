-- Erase each event of an inbound webhook that has this e-mail address (given in lower case) in any text. Returns how
-- many were erased. The rows keep their hash: if the sender delivers the event again, it is recognized and not stored.
create or replace function app_private.erase_evidence(tenant uuid, address text)
returns integer
language plpgsql set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan
set enable_seqscan = off as $$
declare
  erased integer;
begin
  update public.evidence as e set content = '{"erased": true}'
  where e.tenant_id = erase_evidence.tenant and e.tool_slug like 'inbound.%'
    and app_private.names_address(e.content, address);
  get diagnostics erased = row_count;
  return erased;
end
$$;
revoke all on function app_private.erase_evidence from public;
