-- Store the passages of an article (see autopilot.put_passages), if its text is still the one with this `content_hash`.
-- For workers. Raises PT400. Returns {saved}: whether they were stored.
-- call: repeatable
create or replace function autopilot.save_passages(
  tenant uuid, article uuid, content_hash bigint, passages jsonb, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  locked autopilot.knowledge_articles;
begin
  select * into locked from autopilot.knowledge_articles as a
  where a.organization_id = tenant and a.id = article and a.content_hash = save_passages.content_hash
  for no key update;
  if locked.id is not null then
    perform autopilot.put_passages(locked, passages, coalesce(as_of, now()));
    perform autopilot.count_knowledge(tenant);
  end if;
  return jsonb_build_object('saved', locked.id is not null);
end
$$;
revoke all on function autopilot.save_passages from public;
grant execute on function autopilot.save_passages to service_role, app_rw;
