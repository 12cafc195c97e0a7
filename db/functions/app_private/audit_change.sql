-- Trigger: append an audit row for each change of a tenant, its guardrails, accounts, tools or objectives, by any
-- client. The actor is app_private.changing_actor. The payload has the changed columns with their new values. Columns
-- with free text or documents may hold anything, so the payload has `…` as their value.
create or replace function app_private.audit_change()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before jsonb := case when tg_op = 'INSERT' then '{}' else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}' else to_jsonb(new) end;
  merged jsonb := before || after;
  changed jsonb;
  actor record;
begin
  if tg_table_schema <> 'public' then
    raise exception 'audit_change is a trigger function for tables of schema public only' using errcode = 'PT409';
  end if;
  select coalesce(jsonb_object_agg(
    key,
    case
      when key in ('metadata', 'schema', 'config', 'description', 'summary', 'annotations', 'drift') then to_jsonb('…'::text)
      else coalesce(after -> key, 'null')
    end
  ), '{}')
  into changed
  from jsonb_object_keys(merged) as key
  where before -> key is distinct from after -> key
    and key not in ('created_at', 'updated_at', 'checked_at', 'scanned_at');   -- checks and scans are not audited
  if changed = '{}' then
    return null;
  end if;

  select * into actor from app_private.changing_actor();
  perform app_private.do_at_commit(
    app_private.acting_at(),
    audited_tenants => array[(merged ->> case when tg_table_name = 'tenants' then 'id' else 'tenant_id' end)::uuid],
    actor_type => actor.actor_type, actor_id => actor.actor_id,
    categories => array[tg_table_name || '.' || lower(tg_op)],
    payloads => array[jsonb_build_object('id', merged -> 'id', 'changed', changed)],
    made_at => app_private.acting_at()
  );
  return null;
end
$$;
revoke all on function app_private.audit_change from public;
create or replace trigger tenants_audited after insert or update or delete on public.tenants
  for each row execute function app_private.audit_change();
create or replace trigger guardrails_audited after insert or update or delete on public.guardrails
  for each row execute function app_private.audit_change();
create or replace trigger connected_accounts_audited after insert or update or delete on public.connected_accounts
  for each row execute function app_private.audit_change();
create or replace trigger tool_catalog_audited after insert or update or delete on public.tool_catalog
  for each row execute function app_private.audit_change();
create or replace trigger objectives_audited after insert or update or delete on public.objectives
  for each row execute function app_private.audit_change();
