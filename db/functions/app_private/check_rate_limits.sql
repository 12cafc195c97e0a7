-- Reject rate limits that services/guardrails/validate.py could not read. The messages are those of the Python check.
create or replace function app_private.check_rate_limits(rate_limits jsonb)
returns void language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  is_count constant text := '^[1-9][0-9]{0,9}$';
  limited record;
  said jsonb;
begin
  if jsonb_typeof(rate_limits) <> 'object' then
    raise exception 'rate_limits: must be an object such as {"slack.minute": {"limit": 20, "per_seconds": 60}}'
      using errcode = 'PT400';
  end if;
  perform app_private.fits('rate_limits', rate_limits, 65536);
  for limited in select left(l.key, 40) as bucket, l.key, l.value from jsonb_each(rate_limits) as l loop
    if limited.key !~ '^\S+$' then
      raise exception 'rate_limits.%: is not a bucket; name it as the catalog does, such as slack.minute', limited.bucket
        using errcode = 'PT400';
    elsif jsonb_typeof(limited.value) = 'object' then
      if limited.value - array['limit', 'per_seconds'] <> '{}' then
        raise exception 'rate_limits.%: has a key that is not known; use limit, per_seconds', limited.bucket
          using errcode = 'PT400';
      end if;
      said := jsonb_build_array(limited.value -> 'limit', limited.value -> 'per_seconds');
    elsif lower(split_part(limited.key, '.', -1)) in ('second', 'minute', 'hour', 'day', 'daily') then
      said := jsonb_build_array(limited.value);
    else
      raise exception 'rate_limits.%: says no span; write {"limit": 20, "per_seconds": 60}', limited.bucket
        using errcode = 'PT400';
    end if;
    if exists (
      select from jsonb_array_elements(said) as s
      where case
        when jsonb_typeof(s) = 'number' and s #>> '{}' ~ is_count then (s #>> '{}')::numeric > 2147483647
        else true
      end
    ) then
      raise exception 'rate_limits.%: limit and per_seconds must each be a whole number from 1 to 2147483647',
        limited.bucket using errcode = 'PT400';
    end if;
  end loop;
end
$$;
revoke all on function app_private.check_rate_limits from public;
