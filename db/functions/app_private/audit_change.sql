-- Trigger: append an audit row for each change of a tenant, its guardrails, accounts, tools or objectives, whoever
-- makes it.
-- Actor: for a tenant's session the subject of its JWT; else app.actor_type and app.actor_id (app_private.act_as), or
-- the database role where those are not set.
-- Payload: the changed columns with their new values. Free text and documents may hold anything, so their values are
-- not shown.
create or replace function app_private.audit_change()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before jsonb := case when tg_op = 'INSERT' then '{}' else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}' else to_jsonb(new) end;
  known jsonb := before || after;
  changed jsonb;
  claims jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb;
  by_tenant boolean := claims ->> 'tenant_id' is not null;   -- it cannot choose its actor
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
  from jsonb_object_keys(known) as key
  where before -> key is distinct from after -> key
    and key not in ('created_at', 'updated_at', 'checked_at', 'scanned_at');   -- a check or a scan is not a change
  if changed = '{}' then
    return null;
  end if;

  perform app_private.do_at_commit(
    app_private.acting_at(),
    audited_tenants => array[(known ->> case when tg_table_name = 'tenants' then 'id' else 'tenant_id' end)::uuid],
    actor_type => case
      when by_tenant then 'user'
      else coalesce(nullif(current_setting('app.actor_type', true), ''), 'system')
    end,
    actor_id => case
      when by_tenant then coalesce(claims ->> 'sub', 'unnamed')
      else coalesce(nullif(current_setting('app.actor_id', true), ''), session_user)
    end,
    categories => array[tg_table_name || '.' || lower(tg_op)],
    payloads => array[jsonb_build_object('id', known -> 'id', 'changed', changed)],
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
