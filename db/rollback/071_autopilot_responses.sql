-- Takes dry-runs and automatic responses away; verdicts of people stay.
do $$
declare
  one regprocedure;
begin
  for one in select p.oid from pg_catalog.pg_proc as p where p.pronamespace = 'autopilot'::regnamespace loop
    execute format('drop function %s', one);
  end loop;
end
$$;
drop table autopilot.responses, autopilot.dry_run_cases, autopilot.dry_runs, autopilot.audit_positions;
drop index autopilot.idx_tickets_score, autopilot.idx_tickets_verdict, autopilot.idx_tickets_resolved,
  autopilot.idx_tickets_awaiting_response, autopilot.idx_tickets_response_envelope_id;
update autopilot.tickets set response_state = null where response_state = 'abstained';
alter table autopilot.tickets
  drop constraint tickets_response_state_check,
  add constraint tickets_response_state_check
    check (response_state in ('queued', 'sent', 'failed', 'unknown', 'cancelled'));
alter table autopilot.clusters drop column auto_respond_at;
