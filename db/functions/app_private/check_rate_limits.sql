-- Raise an error if the rate limits have a form that services/guardrails/validate.py cannot read. The messages are the
-- same as in Python.
create or replace function app_private.check_rate_limits(rate_limits jsonb)
returns void language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  is_count constant text := '^[1-9][0-9]{0,9}$';
  entry record;
  counts jsonb;
begin
  if jsonb_typeof(rate_limits) <> 'object' then
    raise exception 'rate_limits: must be an object such as {"slack.minute": {"limit": 20, "per_seconds": 60}}'
      using errcode = 'PT400';
  end if;
  perform app_private.fits('rate_limits', rate_limits, 65536);
  for entry in select left(l.key, 40) as bucket, l.key, l.value from jsonb_each(rate_limits) as l loop
    if entry.key !~ '^\S+$' then
      raise exception 'rate_limits.%: is not a bucket name; use one from the catalog, such as slack.minute',
        entry.bucket using errcode = 'PT400';
    elsif jsonb_typeof(entry.value) = 'object' then
      if entry.value - array['limit', 'per_seconds'] <> '{}' then
        raise exception 'rate_limits.%: has an unknown key; use limit, per_seconds', entry.bucket
          using errcode = 'PT400';
      end if;
      counts := jsonb_build_array(entry.value -> 'limit', entry.value -> 'per_seconds');
    elsif lower(split_part(entry.key, '.', -1)) in ('second', 'minute', 'hour', 'day', 'daily') then
      counts := jsonb_build_array(entry.value);
    else
      raise exception 'rate_limits.%: has no time span; write {"limit": 20, "per_seconds": 60}', entry.bucket
        using errcode = 'PT400';
    end if;
    if exists (
      select from jsonb_array_elements(counts) as c
      where case
        when jsonb_typeof(c) = 'number' and c #>> '{}' ~ is_count then (c #>> '{}')::numeric > 2147483647
        else true
      end
    ) then
      raise exception 'rate_limits.%: limit and per_seconds must each be a whole number from 1 to 2147483647',
        entry.bucket using errcode = 'PT400';
    end if;
  end loop;
end
$$;
revoke all on function app_private.check_rate_limits from public;
