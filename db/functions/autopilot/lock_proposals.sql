-- Lock open proposals, so that two people do not decide them at the same time. Raises PT404, PT400, and PT409 if one
-- was decided before, with who and when.
-- call: internal
create or replace function autopilot.lock_proposals(organization uuid, proposals uuid[])
returns void
language plpgsql set search_path = pg_catalog, pg_temp set enable_seqscan = off as $$
declare
  one uuid;
  locked autopilot.cluster_proposals;
begin
  if coalesce(cardinality(proposals), 0) not between 1 and 1000 then
    raise exception 'proposals: must be 1 to 1000' using errcode = 'PT400';
  end if;
  for one in select distinct p.id from unnest(proposals) as p (id) order by p.id loop
    select p.* into locked from autopilot.cluster_proposals as p
    where p.organization_id = organization and p.id = one for update;
    if not found then
      raise exception 'proposal: no proposal %', one using errcode = 'PT404';
    elsif locked.status <> 'open' then
      raise exception 'proposal: % was % by % at %', one, locked.status, locked.decided_by,
        to_char(locked.decided_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') using errcode = 'PT409';
    end if;
  end loop;
end
$$;
revoke all on function autopilot.lock_proposals from public;
