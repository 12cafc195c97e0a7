-- Store what autopilot would have answered in cases of a dry-run: `cases` is a list of at most 100 {place, answer,
-- article_id, score, similarity, reason}, with a `reason` where there is no answer. Cases that are done already stay.
-- Then the lease is extended, or the dry-run is completed if no case is left. For the worker that holds the lease.
-- Raises PT404, PT400, PT409. Returns the dry-run.
-- call: repeatable
create or replace function autopilot.save_cases(
  tenant uuid, dry_run uuid, lease_token integer, lease_for interval, cases jsonb, actor_id text default null,
  door text default null, as_of timestamptz default null
)
returns jsonb
language plpgsql security definer
set search_path = pg_catalog, pg_temp set enable_seqscan = off set lock_timeout = '5s' as $$
declare
  moment constant timestamptz := coalesce(as_of, now());
  locked autopilot.dry_runs;
begin
  perform app_private.act_by('system', save_cases.actor_id, save_cases.door);
  if jsonb_typeof(cases) is distinct from 'array' or jsonb_array_length(cases) > 100 then
    raise exception 'cases: must be a list of at most 100' using errcode = 'PT400';
  end if;
  locked := autopilot.lock_dry_run(tenant, dry_run, save_cases.lease_token, moment);
  update autopilot.dry_run_cases as c
  set
    answer = g.answer, article_id = a.id, score = g.score, similarity = g.similarity, reason = g.reason,
    done_at = moment
  from jsonb_to_recordset(save_cases.cases) as g (
    place integer, answer text, article_id uuid, score double precision, similarity double precision, reason text
  )
  left join autopilot.knowledge_articles as a on a.organization_id = save_cases.tenant and a.id = g.article_id
  where c.organization_id = locked.organization_id and c.dry_run_id = locked.id and c.place = g.place
    and c.done_at is null;
  update autopilot.dry_runs as d
  set done = n.done, answered = n.answered, similarity = n.similarity, lease_until = moment + lease_for
  from (
    select count(*) as done, count(c.answer) as answered, avg(c.similarity) as similarity
    from autopilot.dry_run_cases as c
    where c.organization_id = locked.organization_id and c.dry_run_id = locked.id and c.done_at is not null
  ) as n
  where d.organization_id = locked.organization_id and d.id = locked.id
  returning d.* into locked;
  if not exists (
    select from autopilot.dry_run_cases as c
    where c.organization_id = locked.organization_id and c.dry_run_id = locked.id and c.done_at is null
  ) then
    locked := autopilot.end_dry_run(
      locked, 'completed', null, 'system', coalesce(save_cases.actor_id, 'unnamed'), moment
    );
  end if;
  return to_jsonb(locked);
end
$$;
revoke all on function autopilot.save_cases from public;
grant execute on function autopilot.save_cases to service_role, app_rw;
