-- Record what the candidates of shadow runs would have decided. `judgements` is a list of {tenant_id, run_id,
-- envelope_id, decision, candidate_decision, candidate_reason}. An envelope counts once per run. A run that has ended
-- or is full records nothing. Returns the ids of runs that another transaction has locked: send their judgements again.
-- call: repeatable
create or replace function worker_api.record_shadow(judgements jsonb, as_of timestamptz default null)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  moment timestamptz := coalesce(as_of, now());
  free_runs uuid[];
  busy jsonb;
begin
  select coalesce(array_agg(free.id), '{}') into free_runs
  from (
    select r.id from public.shadow_runs as r
    where (r.tenant_id, r.id) in (
      select j.tenant_id, j.run_id from jsonb_to_recordset(judgements) as j (tenant_id uuid, run_id uuid)
    )
    order by r.tenant_id, r.id
    for no key update skip locked
  ) as free;

  with judged as (
    select distinct on (j.tenant_id, j.run_id, j.envelope_id) j.*
    from jsonb_to_recordset(judgements) as j (
      tenant_id uuid, run_id uuid, envelope_id uuid, decision text, candidate_decision text, candidate_reason text
    )
    where j.run_id = any (free_runs)
    order by j.tenant_id, j.run_id, j.envelope_id
  ), fresh as (
    select
      j.*, r.max_envelopes - r.envelopes as room,
      row_number() over (partition by j.tenant_id, j.run_id order by j.envelope_id) as position
    from judged as j
    join public.shadow_runs as r on r.tenant_id = j.tenant_id and r.id = j.run_id
    where r.stopped_at is null and r.ends_at > moment and not exists (
      select from public.shadow_verdicts as v
      where v.tenant_id = j.tenant_id and v.run_id = j.run_id and v.envelope_id = j.envelope_id
    )
  ), recorded as (
    insert into public.shadow_verdicts (
      tenant_id, run_id, envelope_id, decision, candidate_decision, candidate_reason, judged_at
    )
    select f.tenant_id, f.run_id, f.envelope_id, f.decision, f.candidate_decision, left(f.candidate_reason, 4000), moment
    from fresh as f
    where f.position <= f.room
    returning tenant_id, run_id
  )
  update public.shadow_runs as r
  set envelopes = r.envelopes + n.envelopes
  from (select tenant_id, run_id, count(*)::integer as envelopes from recorded group by 1, 2) as n
  where r.tenant_id = n.tenant_id and r.id = n.run_id;

  select coalesce(jsonb_agg(distinct r.id), '[]') into busy
  from public.shadow_runs as r
  where (r.tenant_id, r.id) in (
    select j.tenant_id, j.run_id from jsonb_to_recordset(judgements) as j (tenant_id uuid, run_id uuid)
  ) and r.id <> all (free_runs);
  return busy;
end
$$;
revoke all on function worker_api.record_shadow from public;
grant execute on function worker_api.record_shadow to service_role, app_rw, outbox_worker;
