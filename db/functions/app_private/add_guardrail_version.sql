-- Trigger: when any client changes the content of a tenant's guardrails, store it as the next version. When the row is
-- deleted, store a version without fields, in which every field has its default.
create or replace function app_private.add_guardrail_version()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  tenant constant uuid := case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end;
  document constant jsonb := case tg_op
    when 'DELETE' then '{}' else to_jsonb(new) - array['id', 'tenant_id', 'created_at', 'updated_at']
  end;
  latest public.guardrail_versions;
begin
  select * into latest from public.guardrail_versions as v
  where v.tenant_id = tenant
  order by v.version desc
  limit 1;
  if latest.document is distinct from document then
    insert into public.guardrail_versions (tenant_id, version, document, actor_type, actor_id, created_at)
    select tenant, coalesce(latest.version, 0) + 1, document, actor.actor_type, left(actor.actor_id, 255),
      app_private.acting_at()
    from app_private.changing_actor() as actor;
  end if;
  return null;
end
$$;
revoke all on function app_private.add_guardrail_version from public;
create or replace trigger guardrails_versioned after insert or update or delete on public.guardrails
  for each row execute function app_private.add_guardrail_version();
