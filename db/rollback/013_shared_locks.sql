drop table app_private.staged_changes;
drop table app_private.renewals;
drop function if exists app_private.apply_staged, app_private.do_at_commit, app_private.mark_waiting,
  app_private.follow_clock, app_private.wake_lanes(uuid[], smallint[], timestamptz[], timestamptz),
  app_private.refused(uuid[], bigint[], uuid[], bigint[], bigint[]);
alter table app_private.lanes drop column set_at;
drop index app_private.open_envelopes_due_idx;
alter table app_private.open_envelopes drop column waits;
create index open_envelopes_due_idx on app_private.open_envelopes (tenant_id, lane, next_run_at, id)
  where status = 'pending';
