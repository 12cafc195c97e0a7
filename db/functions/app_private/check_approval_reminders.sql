-- Raise an error if the reminders have a form that services/guardrails/reminders.py cannot read.
create or replace function app_private.check_approval_reminders(approval_reminders jsonb)
returns void language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
declare
  problem text;
begin
  if jsonb_typeof(approval_reminders) is distinct from 'object' then
    raise exception 'approval_reminders: must be an object such as {"default": [{"after_seconds": 3600}]}'
      using errcode = 'PT400';
  end if;
  perform app_private.fits('approval_reminders', approval_reminders, 65536);
  select left(k, 40) into problem from jsonb_object_keys(approval_reminders) as k
  where k not in ('default', 'low', 'medium', 'high') limit 1;
  if found then
    raise exception 'approval_reminders.%: is not known; remove it or use default, low, medium, high', problem
      using errcode = 'PT400';
  end if;

  select r.key into problem
  from jsonb_each(approval_reminders) as r (key, steps)
  where jsonb_typeof(r.steps) <> 'array' or jsonb_array_length(case jsonb_typeof(r.steps) when 'array' then r.steps else '[]' end) > 10
    or exists (
      select from (
        select s.step, seconds.value, lag(seconds.value) over (order by s.position) as before
        from jsonb_array_elements(case jsonb_typeof(r.steps) when 'array' then r.steps else '[]' end)
          with ordinality as s (step, position)
        cross join lateral (
          select case jsonb_typeof(s.step -> 'after_seconds') when 'number' then (s.step ->> 'after_seconds')::numeric end
        ) as seconds (value)
      ) as s
      where jsonb_typeof(s.step) <> 'object' or s.value is null or s.value not between 1 and 2592000
        or scale(s.value) > 0 or s.value <= s.before
        or coalesce(s.step -> 'escalate_to', 'null') not in ('"owner"', '"reviewer"', 'null')
        or (s.step - 'after_seconds' - 'escalate_to') <> '{}'
    )
  limit 1;
  if found then
    raise exception 'approval_reminders.%: is not a list of steps, each later than the one before; write one such as [{"after_seconds": 3600}, {"after_seconds": 14400, "escalate_to": "owner"}]',
      problem using errcode = 'PT400';
  end if;
end
$$;
revoke all on function app_private.check_approval_reminders from public;
