-- The triggers call app_private.audit_change, so it must work without the functions dropped below.
create or replace function app_private.audit_change()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  before jsonb := case when tg_op = 'INSERT' then '{}' else to_jsonb(old) end;
  after jsonb := case when tg_op = 'DELETE' then '{}' else to_jsonb(new) end;
  merged jsonb := before || after;
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
  from jsonb_object_keys(merged) as key
  where before -> key is distinct from after -> key
    and key not in ('created_at', 'updated_at', 'checked_at', 'scanned_at');   -- a check or a scan is not a change
  if changed = '{}' then
    return null;
  end if;

  perform app_private.do_at_commit(
    app_private.acting_at(),
    audited_tenants => array[(merged ->> case when tg_table_name = 'tenants' then 'id' else 'tenant_id' end)::uuid],
    actor_type => case
      when by_tenant then 'user'
      else coalesce(nullif(current_setting('app.actor_type', true), ''), 'system')
    end,
    actor_id => case
      when by_tenant then coalesce(claims ->> 'sub', 'unnamed')
      else coalesce(nullif(current_setting('app.actor_id', true), ''), session_user)
    end,
    categories => array[tg_table_name || '.' || lower(tg_op)],
    payloads => array[jsonb_build_object('id', merged -> 'id', 'changed', changed)],
    made_at => app_private.acting_at()
  );
  return null;
end
$$;

drop trigger if exists guardrails_versioned on public.guardrails;
drop function if exists tenant_api.start_pause, tenant_api.end_pause;
drop function if exists app_private.add_guardrail_version, worker_api.list_guardrail_versions, worker_api.start_pause,
  worker_api.end_pause, worker_api.list_pauses, worker_api.count_cases;
drop function if exists app_private.changing_actor;
drop table public.pauses;
drop table public.guardrail_versions;
