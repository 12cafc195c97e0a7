-- Trigger: a tenant keeps its own accounts, but three things are not its to say. Which login of the provider's an account
-- stands for (metadata.composio_id): calls go by it, and it could name another tenant's. When and with what result we
-- looked. Nobody writes a login's secrets into metadata, which tenants read; what was there before this rule may stay, so
-- that the row can be written. And nobody writes a moment that not every reader can read: one such row would stop a job
-- for all tenants.
create or replace function app_private.guard_account()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  by_tenant constant boolean := nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id' is not null;
  earliest constant timestamptz := '1970-01-01 00:00:00+00';
  latest constant timestamptz := '9999-01-01 00:00:00+00';
  before public.connected_accounts;   -- nothing, for a new one
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  if by_tenant and new.metadata -> 'composio_id' is distinct from before.metadata -> 'composio_id' then
    raise exception 'metadata.composio_id: only the operator says which login an account stands for'
      using errcode = 'PT403';
  elsif by_tenant then
    new.problem := before.problem;
    new.checked_at := before.checked_at;
    new.scanned_at := before.scanned_at;
  end if;
  if new.metadata is distinct from before.metadata and new.metadata ?| array[
    'token', 'access_token', 'refresh_token', 'id_token', 'secret', 'client_secret', 'password', 'api_key', 'apikey',
    'private_key', 'credentials'
  ] then
    raise exception 'metadata: breaks its rule (a login''s secrets are kept elsewhere; refer to them)'
      using errcode = 'PT400';
  end if;
  if coalesce(new.linked_at, earliest) not between earliest and latest then
    raise exception 'linked_at: must lie between the years 1970 and 9999' using errcode = 'PT400';
  elsif coalesce(new.expires_at, earliest) not between earliest and latest then
    raise exception 'expires_at: must lie between the years 1970 and 9999' using errcode = 'PT400';
  end if;
  return new;
end
$$;
revoke all on function app_private.guard_account from public;
create or replace trigger connected_accounts_guarded before insert or update on public.connected_accounts
  for each row execute function app_private.guard_account();
