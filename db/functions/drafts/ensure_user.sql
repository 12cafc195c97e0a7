-- The row of drafts.users for this actor. It is created on first use. A tenant's user is identified by the subject of
-- the JWT; name, address and role come from the other claims. Later calls update them. Owners are admins,
-- other users are agents. Operators and our own jobs are admins.
-- Call this before any other row is locked: two calls that create the same user wait for each other here.
-- call: internal
create or replace function drafts.ensure_user(tenant uuid, actor_type text, actor_id text)
returns drafts.users language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  claims constant jsonb := case when actor_type in ('user', 'agent')
    then nullif(current_setting('request.jwt.claims', true), '')::jsonb else '{}' end;
  provider constant text := case when actor_type in ('user', 'agent') then 'oidc' else actor_type end;
  subject constant text := coalesce(actor_id, 'unnamed');
  address constant text := nullif(lower(left(claims ->> 'email', 320)), '');
  person constant text := coalesce(
    nullif(claims -> 'user_metadata' ->> 'full_name', ''), nullif(claims ->> 'name', ''), address, subject
  );
  rank constant text := case
    when provider = 'oidc' and app_private.current_tenant_role() <> 'owner' then 'agent' else 'admin' end;
  known drafts.users;
  contact text;
begin
  select * into known from drafts.users as u
  where u.tenant_id = ensure_user.tenant and u.auth_provider = provider and u.auth_subject = subject;
  -- without an address, or if another user of the tenant has it, the column keeps its value or gets the subject
  contact := case when address is null or lower(known.email) = address or exists (
    select from drafts.users as other
    where other.tenant_id = ensure_user.tenant and lower(other.email) = address and other.auth_subject <> subject
  ) then coalesce(known.email, left(subject, 320)) else address end;
  if known.id is not null and (known.role, known.display_name, known.email) = (rank, left(person, 255), contact) then
    return known;
  end if;
  insert into drafts.users as u (tenant_id, email, display_name, role, auth_provider, auth_subject)
  values (ensure_user.tenant, contact, left(person, 255), rank, provider, subject)
  on conflict on constraint uq_users_auth_subject do update
  set email = excluded.email, role = excluded.role, display_name = excluded.display_name
  returning u.* into known;
  return known;
end
$$;
revoke all on function drafts.ensure_user from public;
