drop function if exists worker_api.enqueue, worker_api.expire_envelopes;
drop trigger if exists outbox_proposed on public.outbox;
drop function if exists app_private.check_proposed, app_private.inexact_number;
alter table public.outbox_dlq alter column lane drop default, alter column verdicts drop default;
alter table public.tool_catalog alter column provider drop default;
drop table app_private.deadlines;
alter table public.outbox_dlq drop column must_run_before;
alter table public.outbox drop column must_run_before;
