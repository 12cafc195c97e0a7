-- Trigger: when guardrails or an account change, have the envelopes that they hold judged again after the commit.
create or replace function app_private.release_on_change()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  ignored_columns constant text[] := array['checked_at', 'scanned_at', 'expires_at', 'problem', 'updated_at'];
begin
  if tg_table_schema <> 'public' then
    raise exception 'release_on_change is a trigger function for tables of schema public only' using errcode = 'PT409';
  end if;
  if tg_op = 'UPDATE' and tg_table_name = 'connected_accounts'
    and to_jsonb(old) - ignored_columns = to_jsonb(new) - ignored_columns then
    return null;
  end if;
  perform app_private.do_at_commit(
    app_private.acting_at(),
    held_tenant => case tg_op when 'DELETE' then old.tenant_id else new.tenant_id end,
    held_by => case tg_table_name
      when 'guardrails' then array['quiet_hours', 'rate', 'scopes', 'readable']
      else array['account', 'scopes', 'readable']
    end
  );
  return null;
end
$$;
revoke all on function app_private.release_on_change from public;
create or replace trigger guardrails_applied after insert or update or delete on public.guardrails
  for each row execute function app_private.release_on_change();
create or replace trigger connected_accounts_applied after insert or update on public.connected_accounts
  for each row execute function app_private.release_on_change();
