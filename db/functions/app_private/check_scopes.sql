-- Raise an error if the scopes have a form that services/guardrails/validate.py cannot read. The messages are the same
-- as in Python.
create or replace function app_private.check_scopes(scopes jsonb)
returns void language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  problem text;
begin
  if jsonb_typeof(scopes) <> 'object' then
    raise exception 'scopes: must be an object such as {"allowed": ["GMAIL", "SLACK.CHAT:WRITE"]}'
      using errcode = 'PT400';
  end if;
  perform app_private.fits('scopes', scopes, 65536);
  select left(k, 40) into problem from jsonb_object_keys(scopes) as k where k <> 'allowed' limit 1;
  if found then
    raise exception 'scopes.%: is not known; remove it or use allowed', problem using errcode = 'PT400';
  elsif jsonb_typeof(coalesce(scopes -> 'allowed', '[]')) <> 'array' then
    raise exception 'scopes.allowed: must be a list such as ["GMAIL", "SLACK.CHAT:WRITE"]' using errcode = 'PT400';
  end if;
  select left(s::text, 60) into problem
  from jsonb_array_elements(coalesce(scopes -> 'allowed', '[]')) as s
  where jsonb_typeof(s) <> 'string' or s #>> '{}' !~ '^[^\s*]+$'
  limit 1;
  if found then
    raise exception 'scopes.allowed: % is not a scope; write a toolkit such as GMAIL (it covers all its scopes) or one scope',
      problem using errcode = 'PT400';
  end if;
end
$$;
revoke all on function app_private.check_scopes from public;
