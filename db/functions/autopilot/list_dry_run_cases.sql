-- A page of the cases of a dry-run that are done, in their order, from the first one after the place `after`: the
-- ticket, what people answered (`resolution`), and what autopilot would have answered, or why it would not. Texts of
-- the ticket have at most 4,000 characters.
-- call: replica
create or replace function autopilot.list_dry_run_cases(
  dry_run uuid, tenant uuid default null, after integer default 0, max_cases integer default 100
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'place', c.place, 'ticket_id', c.ticket_id, 'external_id', t.external_id, 'subject', t.subject,
    'description', left(t.description, 4000), 'resolution', left(t.resolution, 4000), 'answer', c.answer,
    'article_id', c.article_id, 'article_title', a.title, 'article_url', a.url, 'score', c.score,
    'similarity', c.similarity, 'reason', c.reason
  ) order by c.place), '[]')
  from (
    select k.* from autopilot.dry_run_cases as k
    where k.organization_id = autopilot.tenant_of(list_dry_run_cases.tenant)
      and k.dry_run_id = list_dry_run_cases.dry_run and k.place > list_dry_run_cases.after and k.done_at is not null
    order by k.place
    limit least(max_cases, 100)
  ) as c
  join autopilot.tickets as t on t.organization_id = c.organization_id and t.id = c.ticket_id
  left join autopilot.knowledge_articles as a on a.organization_id = c.organization_id and a.id = c.article_id
$$;
revoke all on function autopilot.list_dry_run_cases from public;
grant execute on function autopilot.list_dry_run_cases to authenticated, service_role, app_rw, app_ro;
