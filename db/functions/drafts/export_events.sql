-- The events of inbound webhooks that name a customer's e-mail address, by id, after the event `after`. These are the
-- events that erase_customer blanks. An empty list is the end. For owners and operators.
-- call: repeatable
create or replace function drafts.export_events(
  customer text, after uuid default null, max_events integer default 100, tenant uuid default null,
  actor_type text default 'operator', actor_id text default null, door text default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  caller record;
  address_key constant text := drafts.customer_key(customer);
begin
  select * into caller from app_private.acting_caller(tenant, actor_type, actor_id, door, 'owner');
  return (
    select coalesce(jsonb_agg(to_jsonb(e) order by e.id), '[]')
    from (
      select * from public.evidence as found
      where found.tenant_id = caller.tenant_id and found.tool_slug like 'inbound.%'
        and (after is null or found.id > after) and app_private.names_address(found.content, address_key)
      order by found.id
      limit least(max_events, 1000)
    ) as e
  );
end
$$;
revoke all on function drafts.export_events from public;
grant execute on function drafts.export_events to authenticated, service_role, app_rw;
