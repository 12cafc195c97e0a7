-- A page of the automatic responses of a tenant, or of one cluster (also under earlier models), the newest first; with
-- `state`, only those in this state. Each has its ticket, the answer, the article, and what became of it. `before` and
-- `before_id` are the `created_at` and `ticket_id` of the last response of the page before.
-- call: replica
create or replace function autopilot.list_responses(
  tenant uuid default null, cluster uuid default null, state text default null, max_responses integer default 50,
  before timestamptz default null, before_id uuid default null
)
returns jsonb language sql stable set search_path = pg_catalog, pg_temp
-- the planner does not know the limit, and would read all tickets for a join
set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off set enable_hashjoin = off
set enable_mergejoin = off as $$
  -- One branch for each index, and only one branch runs.
  with chosen as (
    (
      select r.* from autopilot.responses as r
      where list_responses.cluster is null and r.organization_id = autopilot.tenant_of(list_responses.tenant)
        and (list_responses.state is null or r.state = list_responses.state) and (r.created_at, r.ticket_id) < (
          select coalesce(list_responses.before, 'infinity'),
            coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by r.created_at desc, r.ticket_id desc
      limit max_responses
    )
    union all
    (
      select r.* from autopilot.responses as r
      where list_responses.cluster is not null and r.organization_id = autopilot.tenant_of(list_responses.tenant)
        and r.lineage_id = (
          select c.lineage_id from autopilot.clusters as c
          where c.organization_id = autopilot.tenant_of(list_responses.tenant) and c.id = list_responses.cluster
        )
        and (list_responses.state is null or r.state = list_responses.state) and (r.created_at, r.ticket_id) < (
          select coalesce(list_responses.before, 'infinity'),
            coalesce(before_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        )
      order by r.created_at desc, r.ticket_id desc
      limit max_responses
    )
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'ticket_id', r.ticket_id, 'external_id', t.external_id, 'subject', t.subject, 'cluster_id', t.cluster_id,
    'state', r.state, 'envelope_id', t.response_envelope_id, 'answer', r.answer, 'article_id', r.article_id,
    'article_title', a.title, 'article_url', a.url, 'score', r.score, 'reason', r.reason, 'verdict', t.verdict,
    'created_at', r.created_at, 'settled_at', r.settled_at
  ) order by r.created_at desc, r.ticket_id desc), '[]')
  from chosen as r
  join autopilot.tickets as t on t.organization_id = r.organization_id and t.id = r.ticket_id
  left join autopilot.knowledge_articles as a on a.organization_id = r.organization_id and a.id = r.article_id
$$;
revoke all on function autopilot.list_responses from public;
grant execute on function autopilot.list_responses to authenticated, service_role, app_rw, app_ro;
