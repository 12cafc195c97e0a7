-- Trigger: rules for connected accounts. Metadata and scopes are checked only when they change.
-- - A tenant's session cannot change the login that an account uses (metadata.composio_id), because it could name the
--   login of another tenant. It cannot change what checks and scans found: problem, checked_at, scanned_at.
-- - A revoked account stays revoked until it is linked again.
-- - Metadata, which tenants read, may not hold the secrets of a login.
-- - Times lie between the years 1970 and 9999. Metadata and scopes of all accounts of a tenant have a size limit.
create or replace function app_private.guard_account()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  by_tenant constant boolean := nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'tenant_id' is not null;
  earliest constant timestamptz := '1970-01-01 00:00:00+00';
  latest constant timestamptz := '9999-01-01 00:00:00+00';
  max_accounts constant integer := 200;
  max_octets constant integer := 524288;
  before public.connected_accounts;   -- null on insert
  others record;
  problem text;
begin
  if tg_op = 'UPDATE' then
    before := old;
  end if;
  if before.status = 'revoked' and new.status <> 'revoked' and new.linked_at is not distinct from before.linked_at then
    raise exception 'status: account % stays revoked; link it again, or link another account', new.id using errcode = 'PT409';
  end if;
  if new.metadata is distinct from before.metadata and jsonb_typeof(new.metadata) <> 'object' then
    raise exception 'metadata: must be a JSON object' using errcode = 'PT400';
  elsif by_tenant and new.metadata -> 'composio_id' is distinct from before.metadata -> 'composio_id' then
    raise exception 'metadata.composio_id: only the operator can set which login an account uses'
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
    raise exception 'metadata: must not hold secrets of a login; store them elsewhere and refer to them'
      using errcode = 'PT400';
  end if;
  select m.field into problem
  from (values
    ('linked_at', new.linked_at), ('expires_at', new.expires_at), ('created_at', new.created_at),
    ('updated_at', new.updated_at), ('checked_at', new.checked_at), ('scanned_at', new.scanned_at)
  ) as m (field, moment)
  where m.moment not between earliest and latest
  limit 1;
  if found then
    raise exception '%: must lie between the years 1970 and 9999', problem using errcode = 'PT400';
  end if;

  if (new.tenant_id, new.metadata, new.scopes) is distinct from (before.tenant_id, before.metadata, before.scopes) then
    perform app_private.fits('metadata', new.metadata, 65536), app_private.fits('scopes', new.scopes);
    -- One writer at a time, so that each writer also counts the accounts that the previous writer has committed.
    perform pg_advisory_xact_lock(hashtextextended('accounts of ' || new.tenant_id, 12));
    select count(*) as accounts, coalesce(sum(octet_length(a.metadata::text) + octet_length(a.scopes::text)), 0) as octets
    into others
    from public.connected_accounts as a
    where a.tenant_id = new.tenant_id and a.id <> new.id;
    if others.accounts >= max_accounts then
      raise exception 'connected_accounts: the tenant has % accounts, the maximum is %; delete some first',
        others.accounts, max_accounts using errcode = 'PT400';
    elsif others.octets + octet_length(new.metadata::text) + octet_length(new.scopes::text) > max_octets then
      raise exception 'metadata: the tenant''s accounts would hold more than % bytes of metadata and scopes; keep less',
        max_octets using errcode = 'PT400';
    end if;
  end if;
  return new;
end
$$;
revoke all on function app_private.guard_account from public;
create or replace trigger connected_accounts_guarded before insert or update on public.connected_accounts
  for each row execute function app_private.guard_account();
