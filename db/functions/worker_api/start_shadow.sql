-- Start a shadow run: the next envelopes of a tenant are also judged by `candidate`, the fields of other guardrails.
-- Its decisions are recorded and have no effect. The run ends after `lasts_for` (at most 30 days) or `max_envelopes`.
-- Returns the row. Raises PT404 for an unknown tenant, and PT409 if the tenant has a run already.
-- call: not repeatable
create or replace function worker_api.start_shadow(
  tenant uuid, id uuid, candidate jsonb, lasts_for interval, max_envelopes integer, actor_id text,
  as_of timestamptz default null, actor_type text default 'operator', door text default null
)
returns jsonb
language plpgsql security definer set search_path = pg_catalog, pg_temp set lock_timeout = '5s' as $$
declare
  moment timestamptz := coalesce(as_of, now());
  started public.shadow_runs;
begin
  perform app_private.act_by(start_shadow.actor_type, start_shadow.actor_id, start_shadow.door);
  if start_shadow.lasts_for is null or moment + start_shadow.lasts_for <= moment
    or moment + start_shadow.lasts_for > moment + interval '30 days' then
    raise exception 'lasts_for: must be more than 0 and at most 30 days' using errcode = 'PT400';
  elsif start_shadow.max_envelopes is null or start_shadow.max_envelopes not between 1 and 10000 then
    raise exception 'max_envelopes: must be from 1 to 10000' using errcode = 'PT400';
  elsif jsonb_typeof(start_shadow.candidate) is distinct from 'object' then
    raise exception 'candidate: must be a JSON object' using errcode = 'PT400';
  end if;
  perform app_private.fits('candidate', start_shadow.candidate, 262144);
  perform app_private.check_quiet_hours(coalesce(start_shadow.candidate -> 'quiet_hours', '{}'));
  perform app_private.check_scopes(coalesce(start_shadow.candidate -> 'scopes', '{}'));
  perform app_private.check_rate_limits(coalesce(start_shadow.candidate -> 'rate_limits', '{}'));
  perform app_private.check_approval_rules(coalesce(start_shadow.candidate -> 'approval_rules', '{}'));

  perform from public.tenants as t where t.id = start_shadow.tenant for no key update;   -- another start waits here
  if not found then
    raise exception 'tenant_id: no tenant %', start_shadow.tenant using errcode = 'PT404';
  elsif exists (
    select from public.shadow_runs as r
    where r.tenant_id = start_shadow.tenant and r.stopped_at is null and r.ends_at > moment
      and r.envelopes < r.max_envelopes
  ) then
    raise exception 'shadow run: another run has not ended; stop it first' using errcode = 'PT409';
  end if;
  insert into public.shadow_runs (tenant_id, id, candidate, started_at, started_by, ends_at, max_envelopes)
  values (
    start_shadow.tenant, start_shadow.id, start_shadow.candidate, moment, start_shadow.actor_id,
    moment + start_shadow.lasts_for, start_shadow.max_envelopes
  )
  returning * into started;
  perform app_private.do_at_commit(
    moment,
    audited_tenants => array[started.tenant_id], actor_type => start_shadow.actor_type,
    actor_id => start_shadow.actor_id, categories => array['shadow.started'],
    payloads => array[jsonb_build_object(
      'run_id', started.id, 'ends_at', started.ends_at, 'max_envelopes', started.max_envelopes,
      'candidate_sha256', encode(sha256(convert_to(started.candidate::text, 'UTF8')), 'hex')
    )],
    made_at => moment
  );
  return to_jsonb(started) || jsonb_build_object('verdicts', '[]'::jsonb);
end
$$;
revoke all on function worker_api.start_shadow from public;
grant execute on function worker_api.start_shadow to service_role, app_rw;
