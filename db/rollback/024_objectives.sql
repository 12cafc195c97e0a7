drop function if exists worker_api.enqueue, tenant_api.enqueue, worker_api.read_progress,
  worker_api.requeue_edited, tenant_api.requeue_edited;

alter table public.outbox drop column objective_id;
alter table public.outbox_dlq drop column objective_id;
