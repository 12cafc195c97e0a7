-- Trigger on every insert into outbox, by any client. Raises an error for a number that would change on the way to
-- the tool, and for a deadline that cannot be met. If the tool has a higher risk, the envelope gets the risk of the
-- tool. The deadline is copied to app_private.deadlines, where expire_envelopes finds it.
create or replace function app_private.check_proposed()
returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  problem text;
  has_low_risk boolean;
  has_deadline boolean;
begin
  -- Checking every number of a document is slow, so quick tests come first. A document with a number of 16 digits has
  -- at least 22 characters. Small integers are exact, and so are numbers with fewer than 16 digits.
  select d.field || inexact.path into problem
  from after as n
  cross join lateral (
    values ('arguments', n.arguments), ('trust_context', n.trust_context), ('metadata', n.metadata)
  ) as d (field, document)
  cross join lateral (
    select case
      when d.document <> '{}'
        and octet_length(d.document::text) >= 22
        and jsonb_path_exists(
          d.document, '$.** ? (@.type() == "number" && (@ >= 1000000000000000 || @ <= -1000000000000000 || @ != @.floor()))'
        )
        and d.document::text ~ '[0-9][0-9.]{15}'
        then app_private.inexact_number(d.document)
    end as path
  ) as inexact
  where inexact.path is not null
  limit 1;
  if found then
    raise exception '%: is a number that would change on the way to the tool; send it as a string', problem
      using errcode = 'PT400';
  end if;

  select
    bool_or(n.must_run_before is not null),
    bool_or(n.risk <> 'high' and exists (
      select from public.tool_catalog as t
      where t.tenant_id = n.tenant_id and t.tool_slug = n.tool_slug
        and (n.tool_version is null or t.version = n.tool_version) and t.risk <> n.risk and t.risk <> 'low'
    ))
  into has_deadline, has_low_risk
  from after as n;
  if has_low_risk then
    update public.outbox as o
    set risk = raised.risk
    from (
      select n.tenant_id, n.id, app_private.highest_risk(variadic array_agg(t.risk) || n.risk) as risk
      from after as n
      join public.tool_catalog as t on t.tenant_id = n.tenant_id and t.tool_slug = n.tool_slug
      where (n.tool_version is null and t.status <> 'retired') or t.version = n.tool_version
      group by n.tenant_id, n.id, n.risk
    ) as raised
    where o.tenant_id = raised.tenant_id and o.id = raised.id and o.risk <> raised.risk;
  end if;

  if has_deadline then
    -- Some readers cannot represent moments after the year 9998.
    if exists (
      select from after as n
      where n.must_run_before <= n.next_run_at or n.must_run_before >= '9999-01-01 00:00+00'
    ) then
      raise exception 'must_run_before: must be later than now and than not_before, and before the year 9999'
        using errcode = 'PT400';
    end if;
    insert into app_private.deadlines (tenant_id, id, must_run_before)
    select n.tenant_id, n.id, n.must_run_before from after as n where n.must_run_before is not null
    on conflict do nothing;
  end if;
  return null;
end
$$;
revoke all on function app_private.check_proposed from public;
create or replace trigger outbox_proposed after insert on public.outbox
  referencing new table as after for each statement execute function app_private.check_proposed();
