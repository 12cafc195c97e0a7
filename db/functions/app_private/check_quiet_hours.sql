-- Raise an error if the quiet hours have a form that services/guardrails/quiet_document.py cannot read. The messages
-- are the same as in Python.
create or replace function app_private.check_quiet_hours(quiet_hours jsonb)
returns void language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  nightly boolean;
  zone jsonb;
  known text[];
  span record;
  problem text;
begin
  if jsonb_typeof(quiet_hours) <> 'object' then
    raise exception 'quiet_hours: must be an object such as {"start": 22, "end": 6}' using errcode = 'PT400';
  end if;
  perform app_private.fits('quiet_hours', quiet_hours, 65536);
  nightly := quiet_hours ?| array['start', 'end'];
  known := case
    when nightly then array['start', 'end', 'time_zone', 'timezone']
    else array['time_zone', 'timezone', 'windows', 'holidays']
  end;
  select left(k, 40) into problem from jsonb_object_keys(quiet_hours) as k where k <> all (known) limit 1;
  if found then
    raise exception 'quiet_hours.%: is not known; remove it or use %', problem, array_to_string(known, ', ')
      using errcode = 'PT400';
  elsif quiet_hours ?& array['time_zone', 'timezone'] then
    raise exception 'quiet_hours.timezone: has the same meaning as time_zone; leave one of them out'
      using errcode = 'PT400';
  end if;

  zone := coalesce(quiet_hours -> 'time_zone', quiet_hours -> 'timezone');
  if zone is not null and (jsonb_typeof(zone) <> 'string'
    or not exists (select from pg_catalog.pg_timezone_names as z where z.name = zone #>> '{}')) then
    raise exception 'quiet_hours.time_zone: % is not an IANA time zone; write one such as Europe/Berlin',
      left(zone::text, 60) using errcode = 'PT400';
  elsif jsonb_typeof(coalesce(quiet_hours -> 'windows', '[]')) <> 'array'
    or jsonb_array_length(coalesce(quiet_hours -> 'windows', '[]')) > 100 then
    raise exception 'quiet_hours.windows: must be a list of at most 100, such as [{"start": "22:00", "end": "06:00"}]'
      using errcode = 'PT400';
  elsif jsonb_typeof(coalesce(quiet_hours -> 'holidays', '[]')) <> 'array'
    or jsonb_array_length(coalesce(quiet_hours -> 'holidays', '[]')) > 1000 then
    raise exception 'quiet_hours.holidays: must be a list of at most 1000, such as ["2026-12-25"]'
      using errcode = 'PT400';
  end if;

  for span in
    select 'quiet_hours' as path, quiet_hours as written where nightly
    union all
    select format('quiet_hours.windows[%s]', w.position - 1), w.written
    from jsonb_array_elements(coalesce(quiet_hours -> 'windows', '[]')) with ordinality as w (written, position)
  loop
    if jsonb_typeof(span.written) <> 'object' then
      raise exception '%: must be an object such as {"days": ["mon"], "start": "22:00", "end": "06:00"}', span.path
        using errcode = 'PT400';
    elsif not nightly and span.written - array['days', 'start', 'end'] <> '{}' then
      raise exception '%: has an unknown key; use days, start, end', span.path using errcode = 'PT400';
    elsif app_private.minutes_of(span.written -> 'start') is null or app_private.minutes_of(span.written -> 'end') is null then
      raise exception '%: start and end must each be an hour from 0 to 24 or a time such as "22:30"', span.path
        using errcode = 'PT400';
    elsif (app_private.minutes_of(span.written -> 'start') - app_private.minutes_of(span.written -> 'end')) % 1440 = 0
      and (app_private.minutes_of(span.written -> 'start'), app_private.minutes_of(span.written -> 'end')) <> (0, 1440) then
      raise exception '%.end: is the same as start; write 0 and 24 for the whole day, or another end', span.path
        using errcode = 'PT400';
    elsif span.written ? 'days' and not nightly and (
      jsonb_typeof(span.written -> 'days') <> 'array' or span.written -> 'days' = '[]' or exists (
        select from jsonb_array_elements(
          case jsonb_typeof(span.written -> 'days') when 'array' then span.written -> 'days' else '[]' end
        ) as d
        where jsonb_typeof(d) <> 'string' or lower(d #>> '{}') not in ('mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun')
      )
    ) then
      raise exception '%.days: must be a list of days; use mon, tue, wed, thu, fri, sat, sun', span.path
        using errcode = 'PT400';
    end if;
  end loop;

  select left(h::text, 60) into problem
  from jsonb_array_elements(coalesce(quiet_hours -> 'holidays', '[]')) as h
  where jsonb_typeof(h) <> 'string' or h #>> '{}' !~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
  limit 1;
  if found then
    raise exception 'quiet_hours.holidays: % is not a date; write one such as 2026-12-25', problem
      using errcode = 'PT400';
  end if;
  begin
    perform (h #>> '{}')::date from jsonb_array_elements(coalesce(quiet_hours -> 'holidays', '[]')) as h;
  exception when datetime_field_overflow or invalid_datetime_format then
    raise exception 'quiet_hours.holidays: has a date that does not exist; write one such as 2026-12-25'
      using errcode = 'PT400';
  end;

  if exists (   -- compared in minutes of the week; a window that crosses the end of the week also covers its beginning
    select
    from (
      select quiet_hours as written where nightly
      union all
      select w from jsonb_array_elements(coalesce(quiet_hours -> 'windows', '[]')) as w
    ) as w
    cross join unnest(array['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']) with ordinality as day (name, position)
    cross join (values (0), (-10080)) as week (shift)
    cross join lateral (
      select
        week.shift + (day.position::integer - 1) * 1440 + app_private.minutes_of(w.written -> 'start') as start,
        app_private.minutes_of(w.written -> 'end') - app_private.minutes_of(w.written -> 'start') as minutes
    ) as s
    where nightly or not w.written ? 'days' or lower((w.written -> 'days')::text)::jsonb ? day.name
    having int4multirange(int4range(0, 10080)) <@ range_agg(
      int4range(s.start, s.start + case when s.minutes > 0 then s.minutes else s.minutes + 1440 end)
    )
  ) then
    raise exception 'quiet_hours: leaves no minute of the week free; shorten a window, or pause the tenant'
      using errcode = 'PT400';
  end if;
end
$$;
revoke all on function app_private.check_quiet_hours from public;
