-- Increase the version of an organization's knowledge, because something was added to its articles. For clusters that
-- were searched with an earlier version, articles are searched again.
-- call: internal
create or replace function autopilot.count_knowledge(organization uuid)
returns void
language sql security definer set search_path = pg_catalog, pg_temp as $$
  insert into autopilot.knowledge_versions as v (organization_id, version) values (organization, 1)
  on conflict (organization_id) do update set version = v.version + 1
$$;
revoke all on function autopilot.count_knowledge from public;
