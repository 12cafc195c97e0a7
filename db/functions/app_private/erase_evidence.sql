-- Erase the content of all events, received by inbound webhooks of the tenant, in which any text names this e-mail
-- address (given in lower case). Returns how many events were erased. Their rows keep their hash: if the sender sends
-- such an event again, it is recognized and not stored.
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
